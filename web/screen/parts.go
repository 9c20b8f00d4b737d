package screen

import (
	"encoding/json"

	"tandem/web/feed"
)

// Parts are a view cut into what can change by itself: a figure, a panel without its rows, a row. The part
// "view" names the figures and panels in their order, and each panel its rows, so that a browser can put
// them together again.
func (v View) Parts() (feed.Parts, error) {
	p := partMaker{parts: feed.Parts{}}
	order := struct {
		Figures []string `json:"figures"`
		Panels  []string `json:"panels"`
	}{[]string{}, []string{}}
	for _, f := range v.Figures {
		order.Figures = append(order.Figures, f.Key)
		p.add("f/"+f.Key, f)
	}
	for _, panel := range v.Panels {
		order.Panels = append(order.Panels, panel.ID)
		rows := []string{}
		if panel.Table != nil {
			for _, r := range panel.Table.Rows {
				rows = append(rows, r.Key)
				p.add("r/"+panel.ID+"/"+r.Key, r)
			}
		}
		p.add("p/"+panel.ID, struct {
			Panel
			Rows []string `json:"rows"`
		}{panel, rows})
	}
	p.add("view", order)
	return p.parts, p.err
}

type partMaker struct {
	parts feed.Parts
	err   error
}

func (p *partMaker) add(key string, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		p.err = err
	}
	p.parts[key] = b
}
