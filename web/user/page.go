package user

import (
	"bytes"
	"embed"
	"html/template"

	"tandem/web/static"
)

// Page is what the page of one answer says.
type Page struct {
	Member string // that serves it
	Hint   string // what everybody may know about accounts here
	Dark   bool
}

//go:embed page.html
var source embed.FS

var page = template.Must(template.New("page").Funcs(template.FuncMap{
	"static": static.Address,
	"icon": func(name string) template.HTML { // the names are those of page.html
		return template.HTML(`<svg class="i" aria-hidden="true"><use href="` + static.Address("icons.svg") + "#" +
			template.HTMLEscapeString(name) + `"/></svg>`)
	},
}).ParseFS(source, "page.html"))

// Files are what the page loads, beside what its modules import.
var Files = []string{"vendor/pico.min.css", "tandem.css", "pages.css", "phone.css", "icons.svg", "mark.svg", "js/phone/page.js"}

// Render makes the page.
func Render(p Page) ([]byte, error) {
	var b bytes.Buffer
	if err := page.ExecuteTemplate(&b, "page.html", p); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
