package conf

import "strings"

// Queues limits the queues of call centres and their agents, says how a member writes what happens in them into a
// queue_log, and names the demo queues of tandem dev. What a queue is like is no setting of a member: the cluster keeps
// that, as it keeps accounts.
type Queues struct {
	// Queues of this installation; the next one is refused.
	MaxQueues int `unit:"queues" range:"1..100000" change:"now"`
	// Agents of this installation; the next one is refused.
	MaxAgents int `unit:"agents" range:"1..1000000" change:"now"`
	// Whether this member writes what happens in all queues of the cluster into a file in the form of queue_log.
	Log bool `change:"restart"`
	// That file; a name without a directory lies in the member's data directory.
	LogFile string `change:"restart" scope:"path"`
	// Size at which the file is renamed and a new one is begun; 0B never does so.
	LogSize int64 `unit:"bytes" range:"0B..1TiB" change:"restart"`
	// Renamed files that are kept; the oldest one goes.
	LogKeep int `unit:"files" range:"1..1000" change:"restart"`
	// Whether callers who were not let in are written too; readers that know app_queue alone do not expect that.
	LogRefusals bool `change:"restart"`
	// Queues made at the first start.
	Demo []DemoQueue `change:"restart"`
	// Agents made at the first start.
	DemoAgents []DemoAgent `change:"restart"`
}

// DemoQueue is a queue that tandem dev makes at its first start.
type DemoQueue struct {
	// Name of the queue, a word.
	Name string
	// Name that is shown to people.
	DisplayName string
	// Number that callers dial.
	Number string
	// How agents are chosen, such as leastrecent.
	Strategy string
}

// DemoAgent is an agent that tandem dev makes at its first start.
type DemoAgent struct {
	// Name of the agent, and of his account.
	Name string
	// Name that is shown to people.
	DisplayName string
	// Queues that he belongs to.
	Queues []string
}

// DefaultQueues returns the section's defaults.
func DefaultQueues() Queues {
	return Queues{MaxQueues: 10_000, MaxAgents: 100_000, Log: true, LogFile: "queue_log", LogSize: 256 << 20, LogKeep: 10}
}

func (q Queues) check(k *checker) {
	if q.LogFile == "" {
		k.wrong("queues.log_file", "is empty", "a name such as queue_log; queues.log=false writes none")
	}
	names := map[string]bool{}
	for i, d := range q.Demo {
		at := part("queues.demo", i) + "."
		if !nameLike(d.Name) || names[d.Name] {
			k.wrong(at+"name", quote(d.Name)+" is no name of a queue, or is there twice", "letters, digits, '-', '.' and '_', each once")
		}
		if d.Number == "" || len(d.Number) > 32 || strings.Trim(d.Number, "0123456789*#") != "" {
			k.wrong(at+"number", quote(d.Number)+" is no number", "up to 32 digits, '*' and '#'")
		}
		names[d.Name] = true
	}
	agents := map[string]bool{}
	for i, d := range q.DemoAgents {
		at := part("queues.demo_agents", i) + "."
		if !nameLike(d.Name) || agents[d.Name] {
			k.wrong(at+"name", quote(d.Name)+" is no name of an agent, or is there twice", "letters, digits, '-', '.' and '_', each once")
		}
		agents[d.Name] = true
		for j, name := range d.Queues {
			if !names[name] {
				k.wrong(part(at+"queues", j), quote(name)+" is no queue of queues.demo", "a name that is there", "queues.demo")
			}
		}
	}
}
