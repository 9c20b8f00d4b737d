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
