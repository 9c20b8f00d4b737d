// Package stock is the application environment that comes with the binary (reference communigate.md 4.3):
// programs, modules and sounds, in the default directory and in one directory for each language. Any of
// them gives way to a file of the same name in the environment of a domain, a member or the cluster.
//
// A program, module or sound is a file below files, or below the directory of its language there; nothing
// else has to be told of it.
package stock

import (
	"embed"
	"io/fs"
)

//go:embed files
var embedded embed.FS

// Files are the files of the environment; its root is the default directory.
func Files() fs.FS {
	files, err := fs.Sub(embedded, "files")
	if err != nil {
		panic(err) // "files" is a valid name
	}
	return files
}
