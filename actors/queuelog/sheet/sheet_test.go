package sheet

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"io"
	"slices"
	"strings"
	"testing"
)

func example() []Sheet {
	hostile := "=cmd()|<b>&\x01"
	return []Sheet{{"OkDO.First", [][]Cell{{{Text: "Caller"}, {Text: "Wait"}}, {{Text: hostile}, {Text: "12.5", Number: true}},
		{{Text: "+49 30 1"}, {}}, {{Text: `a,"b"`}, {Text: "-3", Number: true}}}},
		{strings.Repeat("n", 40), [][]Cell{{{Text: "A"}}}}, {strings.Repeat("n", 41), nil}, {"a/b", nil}}
}

func TestCSV(t *testing.T) {
	var one, all bytes.Buffer
	if err := CSV(&one, example()[:1]); err != nil {
		t.Fatal(err)
	}
	if want := "Caller,Wait\n'=cmd()|<b>&\x01,12.5\n+49 30 1,\n\"a,\"\"b\"\"\",-3\n"; one.String() != want {
		t.Errorf("%q", one.String())
	}
	if err := CSV(&all, example()[:2]); err != nil || !strings.HasPrefix(all.String(), "OkDO.First\nCaller,Wait\n") ||
		!strings.Contains(all.String(), "-3\n\nnnnn") {
		t.Errorf("%v %q", err, all.String())
	}
	for text, want := range map[string]string{"+1": "+1", "-1+2": "'-1+2", "@x": "'@x", "": "", "x=1": "x=1", "\tx": "'\tx"} {
		if got := (Cell{Text: text}).plain(); got != want {
			t.Errorf("%q: %q", text, got)
		}
	}
}

// TestXLSX: every part is XML, the parts refer to each other, and the cells are those that were given.
func TestXLSX(t *testing.T) {
	var book bytes.Buffer
	if err := XLSX(&book, example()); err != nil {
		t.Fatal(err)
	}
	parts := unpack(t, book.Bytes())
	var types struct {
		Override []struct {
			PartName string `xml:",attr"`
		}
	}
	read(t, parts["[Content_Types].xml"], &types)
	if len(types.Override) != 2+4 {
		t.Errorf("%+v", types)
	}
	for _, o := range types.Override {
		if parts[strings.TrimPrefix(o.PartName, "/")] == nil {
			t.Errorf("there is no %s", o.PartName)
		}
	}
	var names struct {
		Sheets []struct {
			Name string `xml:"name,attr"`
		} `xml:"sheets>sheet"`
	}
	read(t, parts["xl/workbook.xml"], &names)
	if n := names.Sheets; n[1].Name != strings.Repeat("n", 31) || n[2].Name != strings.Repeat("n", 29)+" 3" || n[3].Name != "a_b" {
		t.Errorf("%+v", n)
	}
	var cells struct {
		Rows []struct {
			Cells []struct {
				Type   string `xml:"t,attr"`
				Number string `xml:"v"`
				Text   string `xml:"is>t"`
			} `xml:"c"`
		} `xml:"sheetData>row"`
	}
	read(t, parts["xl/worksheets/sheet1.xml"], &cells)
	var got []string
	for _, row := range cells.Rows {
		for _, c := range row.Cells {
			got = append(got, c.Type+":"+c.Number+c.Text)
		}
	}
	want := []string{"inlineStr:Caller", "inlineStr:Wait", "inlineStr:=cmd()|<b>&\uFFFD", ":12.5", "inlineStr:+49 30 1", ":", `inlineStr:a,"b"`, ":-3"}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func unpack(t *testing.T, book []byte) map[string][]byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(book), int64(len(book)))
	if err != nil {
		t.Fatal(err)
	}
	parts := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if parts[f.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	return parts
}

func read(t *testing.T, text []byte, v any) {
	t.Helper()
	if err := xml.Unmarshal(text, v); err != nil {
		t.Fatal(err)
	}
}
