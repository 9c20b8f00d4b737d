package task

import (
	"strings"

	"tandem/actors/msg"
	"tandem/actors/pbx/cgpl"
	"tandem/ximss/object"
)

// Options with their defaults, by lower-case name (cgpl.md 3.4 and 3.9). The values of an option that has
// words are the words; others are numbers within bounds.
var options = map[string]struct {
	words    []string // the first is the default
	number   int64
	from, to int64
}{
	"refer":                  {words: []string{"self", "peer", "disabled"}},
	"transferreport":         {words: []string{"NO", "YES"}},
	"bridgebreak":            {words: []string{"default", "disconnect", "keep"}},
	"bridgedprovisionrelay":  {words: []string{"YES", "reliably", "NO"}},
	"bridgedprovisiontotags": {words: []string{"NO", "YES"}},
	"bridgedprovisionqueue":  {number: 10, from: 0, to: 100},

	"preplay":           {number: 0, from: 0, to: 10000},
	"mixerdelay":        {number: 0, from: 0, to: 1000},
	"inputsilencelevel": {number: 0, from: 0, to: 32767},
	"skipsilence":       {number: 0, from: 0, to: 60000},
	"mixmoh":            {number: 0, from: 0, to: 1},
	"mixerrate":         {number: wideBand, from: narrowBand, to: wideBand}, // beyond the ancestor
}

// signalOptions are those of SignalOption; the rest belongs to MediaOption.
var signalOptions = map[string]bool{"refer": true, "transferreport": true, "bridgebreak": true,
	"bridgedprovisionrelay": true, "bridgedprovisiontotags": true, "bridgedprovisionqueue": true}

// setOption is SignalOption and MediaOption: the value, after the change; null for an unknown name.
func setOption(signal bool) function {
	return func(t *Task, c *cgpl.Call) (object.Value, error) {
		key := strings.ToLower(c.Arg(0).Text())
		if signal && key == "callinfo" {
			return t.callInfo(), nil
		}
		o, ok := options[key]
		if !ok || signalOptions[key] != signal {
			return object.Null, nil
		}
		if len(c.Args) > 1 {
			v := c.Arg(1)
			if n, isNumber := decimal(v); o.words == nil && isNumber {
				t.changed().values[key] = object.Number(min(max(n, o.from), o.to))
				if t.mixing != nil && (key == "mixerdelay" || key == "inputsilencelevel") {
					t.do(ToMixer{t.mixing.handler, t.tuning()})
				}
			}
			for _, w := range o.words {
				if strings.EqualFold(v.Text(), w) {
					t.changed().values[key] = object.String(w)
				}
			}
		}
		return t.optionValue(key), nil
	}
}

// tuning is how a mixer is to mix.
func (t *Task) tuning() *msg.MixerSet {
	level, _ := t.optionValue("inputsilencelevel").Int()
	delay, _ := t.optionValue("mixerdelay").Int()
	return &msg.MixerSet{SilenceLevel: int32(level), DelayMs: int32(delay)}
}

func (t *Task) optionValue(key string) object.Value {
	if t.option != nil {
		if v, set := t.option.values[key]; set {
			return v
		}
	}
	if o := options[key]; o.words != nil {
		return object.String(o.words[0])
	}
	return object.Number(options[key].number)
}

func (t *Task) optionText(key string) string { return t.optionValue(key).Text() }

// callInfo is what the platform knows of the call: keys id connected remote local.
func (t *Task) callInfo() object.Value {
	if t.mode == disconnected {
		return object.Null
	}
	d := object.NewFolded()
	d.Set("id", word(t.start.call))
	d.Set("remote", word(t.party.remote().String()))
	d.Set("local", word(t.party.local().String()))
	if !t.party.since.IsZero() {
		d.Set("connected", object.Date(t.party.since.Unix()))
	}
	return d.Value()
}
