package console

import (
	"errors"
	"path"
	"strings"

	"tandem/actors/form"
	"tandem/actors/pbx/environment"
	"tandem/ximss/cli"
	"tandem/ximss/object"
)

// fileWorks are the commands about application environments: of domains, of the server and the cluster,
// and the stock, which only shows itself.
var fileWorks = map[string]work{
	"CREATEDOMAINPBX":     inScope(environment.Domain, (*Console).createPBX),
	"DELETEDOMAINPBX":     inScope(environment.Domain, (*Console).deletePBX),
	"LISTDOMAINPBXFILES":  inScope(environment.Domain, (*Console).listPBXFiles),
	"READDOMAINPBXFILE":   inScope(environment.Domain, (*Console).readPBXFile),
	"STOREDOMAINPBXFILE":  inScope(environment.Domain, (*Console).storePBXFile),
	"CREATESERVERPBX":     inScope(environment.Server, (*Console).createPBX),
	"DELETESERVERPBX":     inScope(environment.Server, (*Console).deletePBX),
	"LISTSERVERPBXFILES":  inScope(environment.Server, (*Console).listPBXFiles),
	"READSERVERPBXFILE":   inScope(environment.Server, (*Console).readPBXFile),
	"STORESERVERPBXFILE":  inScope(environment.Server, (*Console).storePBXFile),
	"CREATECLUSTERPBX":    inScope(environment.Cluster, (*Console).createPBX),
	"DELETECLUSTERPBX":    inScope(environment.Cluster, (*Console).deletePBX),
	"LISTCLUSTERPBXFILES": inScope(environment.Cluster, (*Console).listPBXFiles),
	"READCLUSTERPBXFILE":  inScope(environment.Cluster, (*Console).readPBXFile),
	"STORECLUSTERPBXFILE": inScope(environment.Cluster, (*Console).storePBXFile),
	"LISTSTOCKPBXFILES":   inScope(environment.Stock, (*Console).listPBXFiles),
	"READSTOCKPBXFILE":    inScope(environment.Stock, (*Console).readPBXFile),
}

// inScope is a command for the environments of one scope; with the domain where it has one.
func inScope(scope environment.Scope, do func(*Console, *request, environment.Scope, string) (object.Value, *cli.Failure)) work {
	return func(c *Console, r *request) (object.Value, *cli.Failure) {
		domain := ""
		if scope == environment.Domain {
			var f *cli.Failure
			if domain, f = c.domain(r); f != nil {
				return object.Null, f
			}
		}
		return do(c, r, scope, domain)
	}
}

// createPBX makes an environment, or a language directory in it.
func (c *Console) createPBX(r *request, scope environment.Scope, domain string) (object.Value, *cli.Failure) {
	return c.filed(c.Files.CreateLanguage(r.ctx, string(r.who.AOR), scope, domain, r.Text("language")))
}

// deletePBX ends a language directory with all that is in it.
func (c *Console) deletePBX(r *request, scope environment.Scope, domain string) (object.Value, *cli.Failure) {
	if r.Text("language") == "" {
		return object.Null, cli.ErrMissing // a whole environment is not deleted by a slip
	}
	return c.filed(c.Files.DeleteLanguage(r.ctx, string(r.who.AOR), scope, domain, r.Text("language")))
}

// listPBXFiles is a dictionary from name to what a file is; a directory has no size.
func (c *Console) listPBXFiles(r *request, scope environment.Scope, domain string) (object.Value, *cli.Failure) {
	files, err := c.Files.ListPBXFiles(scope, domain, r.Text("language"))
	if err != nil {
		return c.filed(err)
	}
	d := object.NewFolded()
	for _, file := range files {
		one := object.NewFolded()
		if !strings.HasSuffix(file.Path, "/") {
			one.Set("STFileSize", object.Number(file.Size))
		}
		if !file.Created.IsZero() {
			one.Set("STCreated", form.Moment(file.Created))
		}
		if !file.Modified.IsZero() {
			one.Set("STModified", form.Moment(file.Modified))
		}
		d.Set(path.Base(file.Path), one.Value())
	}
	return found(d.Value())
}

func (c *Console) readPBXFile(r *request, scope environment.Scope, domain string) (object.Value, *cli.Failure) {
	b, err := c.Files.ReadPBXFile(r.ctx, scope, domain, r.Text("name"))
	if err != nil {
		return c.filed(err)
	}
	return found(object.Data(b))
}

// storePBXFile stores a file or, told so, deletes it. One that does not compile is stored all the same.
func (c *Console) storePBXFile(r *request, scope environment.Scope, domain string) (object.Value, *cli.Failure) {
	author := string(r.who.AOR)
	if r.Word("DELETE") {
		return c.filed(c.Files.DeletePBXFile(r.ctx, author, scope, domain, r.Text("name")))
	}
	b, _ := r.Value("data").Bytes()
	return c.filed(c.Files.StorePBXFile(r.ctx, author, scope, domain, r.Text("name"), b))
}

// filed is the answer of what was done with files, whose errors say for themselves what is wrong; programs
// compare the text of a file that is missing.
func (c *Console) filed(err error) (object.Value, *cli.Failure) {
	switch {
	case errors.Is(err, environment.ErrNotFound):
		return fail("%v", environment.ErrNotFound)
	case err != nil:
		return fail("%v", err)
	}
	return object.Null, nil
}
