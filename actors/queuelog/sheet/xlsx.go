package sheet

import (
	"archive/zip"
	"bufio"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Limits of a sheet that readers have.
const (
	maxRows  = 1 << 20
	maxName  = 31
	maxText  = 32767 // characters of a cell
	mainTerm = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
	linkTerm = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	packTerm = "http://schemas.openxmlformats.org/package/2006/"
	mime     = "application/vnd.openxmlformats-officedocument.spreadsheetml."
)

// XLSX writes a workbook. Rows beyond what a sheet can have are left out.
func XLSX(to io.Writer, sheets []Sheet) error {
	z := zip.NewWriter(to)
	names := sheetNames(sheets)
	for _, part := range []struct{ path, text string }{
		{"[Content_Types].xml", contentTypes(len(sheets))},
		{"_rels/.rels", links([2]string{"officeDocument", "xl/workbook.xml"})},
		{"xl/workbook.xml", workbook(names)},
		{"xl/_rels/workbook.xml.rels", bookLinks(len(sheets))},
		{"xl/styles.xml", styles},
	} {
		if err := write(z, part.path, func(w *bufio.Writer) { _, _ = w.WriteString(part.text) }); err != nil {
			return err
		}
	}
	for i, s := range sheets {
		if err := write(z, fmt.Sprintf("xl/worksheets/sheet%d.xml", i+1), s.write); err != nil {
			return err
		}
	}
	return z.Close()
}

func write(z *zip.Writer, path string, text func(*bufio.Writer)) error {
	part, err := z.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(part)
	_, _ = w.WriteString(xml.Header)
	text(w)
	return w.Flush() // which has the first error of all writes
}

func contentTypes(n int) string {
	var b strings.Builder
	b.WriteString(`<Types xmlns="` + packTerm + `content-types">` +
		`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
		`<Default Extension="xml" ContentType="application/xml"/>` +
		`<Override PartName="/xl/workbook.xml" ContentType="` + mime + `sheet.main+xml"/>` +
		`<Override PartName="/xl/styles.xml" ContentType="` + mime + `styles+xml"/>`)
	for i := range n {
		fmt.Fprintf(&b, `<Override PartName="/xl/worksheets/sheet%d.xml" ContentType="%sworksheet+xml"/>`, i+1, mime)
	}
	return b.String() + `</Types>`
}

// links name the parts that a part refers to: its kind, and where it is.
func links(all ...[2]string) string {
	var b strings.Builder
	b.WriteString(`<Relationships xmlns="` + packTerm + `relationships">`)
	for i, l := range all {
		fmt.Fprintf(&b, `<Relationship Id="r%d" Type="%s/%s" Target="%s"/>`, i+1, linkTerm, l[0], l[1])
	}
	return b.String() + `</Relationships>`
}

func bookLinks(n int) string {
	var all [][2]string
	for i := range n {
		all = append(all, [2]string{"worksheet", fmt.Sprintf("worksheets/sheet%d.xml", i+1)})
	}
	return links(append(all, [2]string{"styles", "styles.xml"})...)
}

func workbook(names []string) string {
	var b strings.Builder
	b.WriteString(`<workbook xmlns="` + mainTerm + `" xmlns:r="` + linkTerm + `"><sheets>`)
	for i, name := range names {
		fmt.Fprintf(&b, `<sheet name="%s" sheetId="%d" r:id="r%d"/>`, escaped(name), i+1, i+1)
	}
	return b.String() + `</sheets></workbook>`
}

// styles has two: plain, and bold for heads.
const styles = `<styleSheet xmlns="` + mainTerm + `"><fonts count="2"><font/><font><b/></font></fonts>` +
	`<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>` +
	`<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>` +
	`<cellXfs count="2"><xf/><xf fontId="1" applyFont="1"/></cellXfs></styleSheet>`

// sheetNames are names that readers take: short, without some characters, no two alike.
func sheetNames(sheets []Sheet) (names []string) {
	seen := map[string]bool{}
	for i, s := range sheets {
		clean := []rune(strings.Map(func(r rune) rune {
			if strings.ContainsRune(`[]:*?/\'`, r) {
				return '_'
			}
			return r
		}, s.Name))
		name := string(clean[:min(len(clean), maxName)])
		if name == "" || seen[strings.ToLower(name)] {
			number := " " + strconv.Itoa(i+1)
			name = string(clean[:min(len(clean), maxName-len(number))]) + number
		}
		seen[strings.ToLower(name)] = true
		names = append(names, name)
	}
	return names
}

// write writes the cells. The head stays in sight when the rest is moved.
func (s Sheet) write(w *bufio.Writer) {
	_, _ = w.WriteString(`<worksheet xmlns="` + mainTerm + `"><sheetViews><sheetView workbookViewId="0">` +
		`<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetData>`)
	for i, row := range s.Rows[:min(len(s.Rows), maxRows)] {
		_, _ = w.WriteString("<row>")
		for _, c := range row {
			c.write(w, i == 0)
		}
		_, _ = w.WriteString("</row>")
	}
	_, _ = w.WriteString("</sheetData></worksheet>")
}

func (c Cell) write(w *bufio.Writer, head bool) {
	style := ""
	if head {
		style = ` s="1"`
	}
	switch {
	case c.Text == "":
		_, _ = w.WriteString("<c" + style + "/>")
	case c.Number:
		_, _ = w.WriteString("<c" + style + "><v>" + escaped(c.Text) + "</v></c>")
	default:
		_, _ = w.WriteString("<c" + style + ` t="inlineStr"><is><t xml:space="preserve">` + escaped(c.cut()) + "</t></is></c>")
	}
}

// cut is the text as far as a cell holds it.
func (c Cell) cut() string {
	if len(c.Text) <= maxText {
		return c.Text
	}
	r := []rune(c.Text)
	return string(r[:min(len(r), maxText)])
}

// escaped is text in XML; what XML can not hold is replaced.
func escaped(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // a Builder fails never
	return b.String()
}
