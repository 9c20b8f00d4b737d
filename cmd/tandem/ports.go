package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// Names of files in a member's data directory while it runs.
const (
	portsFile = "ports.json" // the ports really bound
	urlFile   = "url"        // of its web listener
)

// forgetPlace removes what says where a member can be reached.
func forgetPlace(home string) {
	_ = os.Remove(filepath.Join(home, portsFile))
	_ = os.Remove(filepath.Join(home, urlFile))
}

// ports are the ports that members have bound: member name, listener, port.
type ports map[string]map[string]int

func readPorts(path string) (ports, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var p ports
	if err := json.Unmarshal(text, &p); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return p, nil
}

// write puts the ports into a file at once: whoever reads it sees all or nothing.
func (p ports) write(path string) error {
	text, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return replaceFile(path, append(text, '\n'))
}

// replaceFile writes a file beside the old one and moves it into its place.
func replaceFile(path string, content []byte) error {
	fresh, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	_, err = fresh.Write(content)
	if err == nil {
		err = fresh.Chmod(0o644)
	}
	if closed := fresh.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(fresh.Name(), path)
	}
	if err != nil {
		_ = os.Remove(fresh.Name())
	}
	return err
}
