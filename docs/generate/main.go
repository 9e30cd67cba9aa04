// Command generate writes the reference pages in docs/reference from the code, so that they can't say anything else than it.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

//go:generate go run . ../..

// pages are the generated files, each with what it holds.
var pages = map[string]func(root string) ([]byte, error){
	"events.md":    events,
	"commands.md":  commandLine,
	"metrics.md":   definitions,
	"openapi.json": openAPI,
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: generate ROOT-OF-THE-MODULE")
		os.Exit(2)
	}
	for name, write := range pages {
		if err := page(os.Args[1], name, write); err != nil {
			fmt.Fprintf(os.Stderr, "generate %s: %v\n", name, err)
			os.Exit(1)
		}
	}
}

func page(root, name string, write func(string) ([]byte, error)) error {
	content, err := write(root)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(root, "docs", "reference", name), content, 0o644)
}
