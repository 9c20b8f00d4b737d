package report

import "tandem/actors/queuelog/line"

// Note is something that is said of a call beside its way through queues: before it enters one, while it is there, or
// after it has ended (reference queuelog.md 1.3). It belongs to all stints of the call.
type Note struct {
	Partition, CallID, Agent string
	At                       int64 // seconds since 1970
	Kind                     NoteKind
	Code                     string
	Text                     string
}

// NoteKind is what a Note is about.
type NoteKind int

// Kinds.
const (
	Outcome   NoteKind = iota // what came of the call: Code (CALLSTATUS); the last one counts
	Feature                   // it has the feature Code, which Text explains (INFO FTR)
	NoFeature                 // it has that feature no more (INFO NOFTR)
	Tagged                    // it has the tag Code (INFO TAG)
	Chosen                    // digits Code were pressed in the menu Text (INFO IVRAPPEND), or the menu alone is told (INFO IVR)
	Dialled                   // the number that was called: Code (INFO DID, DID)
	Held                      // it was put on hold: Code says why (CALLERONHOLD)
	Retrieved                 // it was taken from hold after Code seconds (CALLEROFFHOLD)
)

// NoteSink is a Sink that takes notes too.
type NoteSink interface{ Note(Note) }

// note hands a note on, where somebody wants it. The line is counted among the others all the same.
func (f *Fold) note(r *line.Row) {
	sink, wanted := f.sink.(NoteSink)
	if !wanted {
		return
	}
	n := Note{Partition: f.partition, CallID: string(r.CallID), Agent: f.agent(r.Agent), At: r.At}
	code, text := r.Arg(1), []byte(nil)
	switch string(r.Verb) {
	case "CALLSTATUS":
		n.Kind = Outcome
	case "DID":
		n.Kind = Dialled
	case "CALLERONHOLD":
		n.Kind = Held
	case "CALLEROFFHOLD":
		n.Kind = Retrieved
	case "INFO":
		known := false
		if n.Kind, known = informs[string(r.Arg(1))]; !known {
			return
		}
		code, text = r.Arg(2), r.Arg(3)
		if string(r.Arg(1)) == "IVR" {
			code, text = nil, r.Arg(2)
		}
	default:
		return
	}
	n.Code, n.Text = f.word(code), f.word(text)
	sink.Note(n)
}

var informs = map[string]NoteKind{"FTR": Feature, "NOFTR": NoFeature, "TAG": Tagged, "IVRAPPEND": Chosen, "IVR": Chosen, "DID": Dialled}
