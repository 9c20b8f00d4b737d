package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"tandem/actors/queuelog/block"
	"tandem/actors/queuelog/sheet"
)

func (a *app) queuelogBlocks() *cobra.Command {
	return &cobra.Command{
		Use:   "blocks",
		Short: "The tables that a report can have",
		Args:  cobra.NoArgs,
		RunE: verb(func(*cobra.Command, []string) error {
			type named struct {
				Name  string `json:"name"`
				Title string `json:"title"`
			}
			all := []named{}
			var t table
			t.add("BLOCK", "TITLE")
			for _, b := range block.Blocks {
				all = append(all, named{b.Name, b.Title})
				t.add(b.Name, b.Title)
			}
			if a.output == "json" {
				return a.showValue(all)
			}
			return t.write(a)
		}),
	}
}

// makeBlocks makes the blocks of files, or has a member make them of what was loaded there.
func (f *reportFlags) makeBlocks(a *app, cmd *cobra.Command, spec string) ([]block.Table, error) {
	ask, err := f.ask()
	if err != nil {
		return nil, err
	}
	if len(f.files) == 0 {
		var answer struct{ Blocks []block.Table }
		err := f.askMember(a, cmd, path("reports"), spec, &answer)
		return answer.Blocks, err
	}
	list := &block.List{}
	if _, err := f.read(spec, list); err != nil {
		return nil, err
	}
	tables, err := block.Make(ask, f.blocks, list.Facts())
	var unknown *block.UnknownBlock
	if errors.As(err, &unknown) {
		return nil, usage("--block %v", err)
	}
	return tables, err
}

// showBlocks makes the blocks and writes them.
func (f *reportFlags) showBlocks(a *app, cmd *cobra.Command, spec string) error {
	tables, err := f.makeBlocks(a, cmd, spec)
	if err != nil {
		return err
	}
	if f.out == "" {
		return writeBlocks(a, tables)
	}
	file, err := os.Create(f.out)
	if err != nil {
		return err
	}
	into := *a
	into.out = file
	return errors.Join(writeBlocks(&into, tables), file.Close())
}

func writeBlocks(a *app, tables []block.Table) error {
	switch a.output {
	case "json":
		return a.showValue(map[string]any{"blocks": tables})
	case "csv":
		return sheet.CSV(a.out, block.Sheets(tables))
	case "xlsx":
		if onTerminal(a.out) {
			return usage("--output xlsx is nothing for a terminal: --out FILE")
		}
		return sheet.XLSX(a.out, block.Sheets(tables))
	}
	for i, b := range tables {
		if i > 0 {
			_, _ = fmt.Fprintln(a.out)
		}
		if len(tables) > 1 {
			_, _ = fmt.Fprintf(a.out, "%s (%s)\n", b.Title, b.Name)
		}
		if err := blockTable(b).write(a); err != nil {
			return err
		}
	}
	return nil
}

// onTerminal tells whether a person sees what is written.
func onTerminal(out io.Writer) bool {
	file, ok := out.(*os.File)
	if !ok {
		return false
	}
	about, err := file.Stat()
	return err == nil && about.Mode()&os.ModeCharDevice != 0
}

func blockTable(b block.Table) (t table) {
	heads := make([]string, len(b.Columns))
	for i, c := range b.Columns {
		heads[i] = c.Name
	}
	t.add(heads...)
	for _, row := range b.Rows {
		cells := make([]string, len(row))
		for i, c := range row {
			cells[i] = c.String()
			if c.Kind == block.Seconds && !c.None && c.Value == float64(int64(c.Value)) {
				cells[i] = length(int64(c.Value))
			}
		}
		t.add(cells...)
	}
	if b.Cut {
		t.note = "there are more rows: raise --rows"
	}
	return t
}
