package actors

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
	"CREATEDOMAINPBX":     inScope(environment.Domain, commands.createPBX),
	"DELETEDOMAINPBX":     inScope(environment.Domain, commands.deletePBX),
	"LISTDOMAINPBXFILES":  inScope(environment.Domain, commands.listPBXFiles),
	"READDOMAINPBXFILE":   inScope(environment.Domain, commands.readPBXFile),
	"STOREDOMAINPBXFILE":  inScope(environment.Domain, commands.storePBXFile),
	"CREATESERVERPBX":     inScope(environment.Server, commands.createPBX),
	"DELETESERVERPBX":     inScope(environment.Server, commands.deletePBX),
	"LISTSERVERPBXFILES":  inScope(environment.Server, commands.listPBXFiles),
	"READSERVERPBXFILE":   inScope(environment.Server, commands.readPBXFile),
	"STORESERVERPBXFILE":  inScope(environment.Server, commands.storePBXFile),
	"CREATECLUSTERPBX":    inScope(environment.Cluster, commands.createPBX),
	"DELETECLUSTERPBX":    inScope(environment.Cluster, commands.deletePBX),
	"LISTCLUSTERPBXFILES": inScope(environment.Cluster, commands.listPBXFiles),
	"READCLUSTERPBXFILE":  inScope(environment.Cluster, commands.readPBXFile),
	"STORECLUSTERPBXFILE": inScope(environment.Cluster, commands.storePBXFile),
	"LISTSTOCKPBXFILES":   inScope(environment.Stock, commands.listPBXFiles),
	"READSTOCKPBXFILE":    inScope(environment.Stock, commands.readPBXFile),
}

// inScope is a command for the environments of one scope; with the domain where it has one.
func inScope(scope environment.Scope, do func(commands, *request, environment.Scope, string) (object.Value, *cli.Failure)) work {
	return func(c commands, r *request) (object.Value, *cli.Failure) {
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
func (c commands) createPBX(r *request, scope environment.Scope, domain string) (object.Value, *cli.Failure) {
	return c.filed(pbxFiles(c).CreateLanguage(r.ctx, string(r.who.AOR), scope, domain, r.Text("language")))
}

// deletePBX ends a language directory with all that is in it.
func (c commands) deletePBX(r *request, scope environment.Scope, domain string) (object.Value, *cli.Failure) {
	if r.Text("language") == "" {
		return object.Null, cli.ErrMissing // a whole environment is not deleted by a slip
	}
	return c.filed(pbxFiles(c).DeleteLanguage(r.ctx, string(r.who.AOR), scope, domain, r.Text("language")))
}

// listPBXFiles is a dictionary from name to what a file is; a directory has no size.
func (c commands) listPBXFiles(r *request, scope environment.Scope, domain string) (object.Value, *cli.Failure) {
	files, err := pbxFiles(c).ListPBXFiles(scope, domain, r.Text("language"))
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

func (c commands) readPBXFile(r *request, scope environment.Scope, domain string) (object.Value, *cli.Failure) {
	b, err := pbxFiles(c).ReadPBXFile(r.ctx, scope, domain, r.Text("name"))
	if err != nil {
		return c.filed(err)
	}
	return found(object.Data(b))
}

// storePBXFile stores a file or, told so, deletes it. One that does not compile is stored all the same.
func (c commands) storePBXFile(r *request, scope environment.Scope, domain string) (object.Value, *cli.Failure) {
	author := string(r.who.AOR)
	if r.Word("DELETE") {
		return c.filed(pbxFiles(c).DeletePBXFile(r.ctx, author, scope, domain, r.Text("name")))
	}
	b, _ := r.Value("data").Bytes()
	return c.filed(pbxFiles(c).StorePBXFile(r.ctx, author, scope, domain, r.Text("name"), b))
}

// filed is the answer of what was done with files, whose errors say for themselves what is wrong; programs
// compare the text of a file that is missing.
func (c commands) filed(err error) (object.Value, *cli.Failure) {
	switch {
	case errors.Is(err, environment.ErrNotFound):
		return fail("%v", environment.ErrNotFound)
	case err != nil:
		return fail("%v", err)
	}
	return object.Null, nil
}
