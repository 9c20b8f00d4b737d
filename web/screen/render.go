package screen

import (
	"bytes"
	"embed"
	"html/template"
	"strings"

	"tandem/web/static"
)

//go:embed templates/*.html
var sources embed.FS

var pages = template.Must(template.New("page").Funcs(template.FuncMap{
	"static":  static.Address,
	"icon":    icon,
	"percent": func(perMille *int) string { return Percent(*perMille) },
	"initial": func(s string) string {
		name, _, _ := strings.Cut(s, "@")
		return name
	},
	"panels": rowsOfPanels,
	"head":   func(i int) bool { return i == 0 },
}).ParseFS(sources, "templates/*.html"))

// icon is a symbol of the sprite. The name comes from our own tables.
func icon(name string) template.HTML {
	return template.HTML(`<svg class="i" aria-hidden="true"><use href="` + static.Address("icons.svg") + "#" +
		template.HTMLEscapeString(name) + `"/></svg>`)
}

// rowsOfPanels puts panels that are half as wide beside each other.
func rowsOfPanels(all []Panel) (rows [][]Panel) {
	for i, p := range all {
		if p.Half && i > 0 && all[i-1].Half {
			rows[len(rows)-1] = append(rows[len(rows)-1], p)
			continue
		}
		rows = append(rows, []Panel{p})
	}
	return rows
}

// Render makes the page.
func Render(p Page) ([]byte, error) {
	var b bytes.Buffer
	if err := pages.ExecuteTemplate(&b, "page.html", p); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
