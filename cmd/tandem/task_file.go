package main

import (
	"bufio"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	slashed "path"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tandem/actors/pbx/cgpl"
	"tandem/actors/pbx/script"
	"tandem/actors/pbx/stock"
	"tandem/actors/pbx/task"
)

// What works on files alone: task check and task run.

// largestSource is the longest program that is read, in bytes: more than the compiler takes.
const largestSource = 2 << 20

func (a *app) taskCheck() *cobra.Command {
	return &cobra.Command{
		Use:   "check FILE...",
		Short: "Compile programs and modules, and tell all their errors and warnings",
		Args:  cobra.MinimumNArgs(1),
		RunE: verb(func(_ *cobra.Command, args []string) error {
			library := task.Library()
			faulty := 0
			var all []found
			for _, file := range args {
				list, err := a.checkFile(file, library)
				if err != nil {
					return err
				}
				if list.Err() != nil {
					faulty++
				}
				for _, d := range list {
					all = append(all, found{d.File, d.Line, d.Column, d.Warning, d.Text})
				}
			}
			if err := a.showFound(all); err != nil {
				return err
			}
			if faulty > 0 {
				return fmt.Errorf("%d of %d files do not compile", faulty, len(args))
			}
			return nil
		}),
	}
}

// found is one diagnostic, for --output json.
type found struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Warning bool   `json:"warning"`
	Text    string `json:"text"`
}

func (a *app) showFound(all []found) error {
	if a.output == "json" {
		if all == nil {
			all = []found{}
		}
		return a.showValue(all)
	}
	for _, f := range all {
		kind := "error"
		if f.Warning {
			kind = "warning"
		}
		if _, err := fmt.Fprintf(a.out, "%s:%d:%d: %s: %s\n", printable(f.File), f.Line, f.Column, kind, printable(f.Text)); err != nil {
			return err
		}
	}
	return nil
}

func (a *app) checkFile(file string, library cgpl.Library) (cgpl.Diagnostics, error) {
	source, err := readSource(file)
	if err != nil {
		return nil, err
	}
	_, list := cgpl.Compile(file, source, library)
	return list, nil
}

func readSource(file string) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }()
	text, err := io.ReadAll(io.LimitReader(f, largestSource))
	return string(text), err
}

func (a *app) taskRun() *cobra.Command {
	var input, account string
	var verbose bool
	cmd := &cobra.Command{
		Use:   "run FILE --input SCRIPT",
		Short: "Run a program with no telephone: a script gives events, digits and clock",
		Long: `Runs a program with no telephone. The script has one event a line; what the program does is printed
below each. The modules of a program are looked for beside it, and then among the stock ones. A script of
"call" alone starts it by a call; "-" is the standard input, so that a program can be talked to by hand.

  call [from=URI] [to=URI] [auth=user@domain] [param=TEXT]   start [entry=NAME] [param=OBJECT]
  digit 12#    hangup    wait 5s    event NAME [OBJECT]    info TYPE BODY    refer URI    kill
  rings | early | answers | refuses STATUS        what becomes of a call that the program makes
  bridge FROM | bridged FROM | rejects FROM TEXT | parts FROM     a task that is not played
  given NAME OBJECT | next NAME OBJECT            what a function of the platform answers
  "@2 " before an event means the second task.`,
		Args: cobra.ExactArgs(1),
		RunE: verb(func(_ *cobra.Command, args []string) error {
			lines, closer, err := a.script(input)
			if err != nil {
				return err
			}
			defer closer()
			stage, err := stageOf(args[0], account)
			if err != nil {
				return err
			}
			if verbose {
				stage.Log = slog.New(slog.NewTextHandler(a.err, nil))
			}
			return a.play(script.New(stage), lines)
		}),
	}
	cmd.Flags().StringVar(&input, "input", "", "file with the script, - for the standard input")
	cmd.Flags().StringVar(&account, "account", "pbx@tandem.local", "in whose name the program runs")
	cmd.Flags().BoolVarP(&verbose, "verbose", "v", false, "print the task's log too")
	_ = cmd.MarkFlagRequired("input")
	return cmd
}

func (a *app) script(name string) (io.Reader, func(), error) {
	if name == "-" {
		return a.in, func() {}, nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, nil, err
	}
	return f, func() { _ = f.Close() }, nil
}

// play prints the transcript: each line of the script, and below it what the program did.
func (a *app) play(p *script.Player, lines io.Reader) error {
	in := bufio.NewScanner(lines)
	for in.Scan() {
		if _, err := fmt.Fprintf(a.out, "> %s\n", in.Text()); err != nil {
			return err
		}
		for _, line := range p.Do(in.Text()) {
			if _, err := fmt.Fprintln(a.out, printable(line)); err != nil {
				return err
			}
		}
	}
	return in.Err()
}

// stageOf compiles a program and finds its modules and sounds: beside it, in the directory of the language,
// and among the stock ones.
func stageOf(file, account string) (script.Stage, error) {
	library := task.Library()
	source, err := readSource(file)
	if err != nil {
		return script.Stage{}, err
	}
	program, list := cgpl.Compile(filepath.Base(file), source, library)
	if err := list.Err(); err != nil {
		return script.Stage{}, err
	}
	at := shelf{os.DirFS(filepath.Dir(file)), stock.Files()}
	modules := map[string]*cgpl.Module{}
	return script.Stage{Program: program, Name: strings.TrimSuffix(filepath.Base(file), filepath.Ext(file)),
		Account: account, Now: time.Now(),
		Load: func(language, name string) (*cgpl.Module, error) {
			text, from, err := at.find(language, name, ".sppi", ".sppr")
			if err != nil {
				return nil, fmt.Errorf("module %q is not found", name)
			}
			if m := modules[from]; m != nil {
				return m, nil
			}
			m, list := cgpl.Compile(from, string(text), library)
			if err := list.Err(); err != nil {
				return nil, err
			}
			modules[from] = m
			return m, nil
		},
		Sound: func(language, name string) (string, time.Duration, bool) {
			b, from, err := at.find(language, name, "", ".wav", ".au", ".gsm", ".mp3")
			return from, lengthOf(b), err == nil
		},
	}, nil
}

// lengthOf is about how long a telephone sound of so many bytes is: 8000 a second.
func lengthOf(b []byte) time.Duration { return time.Duration(len(b)) * time.Second / 8000 }

// shelf is where files are looked for, one place after the other.
type shelf []fs.FS

// find looks for a name with each of the extensions, in the language's directory first. Case does not matter.
func (s shelf) find(language, name string, extensions ...string) ([]byte, string, error) {
	for _, place := range s {
		for _, dir := range []string{strings.ToLower(language), "."} {
			if dir == "" {
				continue
			}
			entries, err := fs.ReadDir(place, dir)
			if err != nil {
				continue
			}
			for _, extension := range extensions {
				for _, e := range entries {
					if strings.EqualFold(e.Name(), name+extension) && !e.IsDir() {
						full := slashed.Join(dir, e.Name())
						b, err := fs.ReadFile(place, full)
						return b, full, err
					}
				}
			}
		}
	}
	return nil, "", fs.ErrNotExist
}
