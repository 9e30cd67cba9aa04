package intake

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// MaxFile is the largest file that is read, in bytes: rows are put in order, so all of them are held in memory.
const MaxFile = 512 << 20

// File is one file of an export, whole.
type File struct {
	Name string // without folders
	Data []byte
}

// Files are what a mapping asks for.
type Files struct {
	Deals  []File          // the rows to import
	Others map[string]File // the files of joins, products and sellers, by the name that the mapping has
}

// ReadFiles finds the mapping's files among folders and files. A file that is given by itself and that the mapping doesn't
// name holds deals, instead of the one that it does name: so a corrected rejects file is imported, beside the folder with
// the rest of the export.
// Errors: a file is missing, ambiguous, too large or can't be read.
func ReadFiles(m Mapping, paths ...string) (Files, error) {
	found, others, err := look(m, paths)
	if err != nil {
		return Files{}, err
	}
	files := Files{Others: map[string]File{}}
	if len(others) == 0 {
		others = found[m.Deals.File]
	}
	if len(others) == 0 {
		return Files{}, fmt.Errorf("%s is not in %s", m.Deals.File, strings.Join(paths, ", "))
	}
	for _, path := range others {
		file, err := readFile(path)
		if err != nil {
			return Files{}, err
		}
		files.Deals = append(files.Deals, file)
	}
	for _, name := range m.otherFiles() {
		if len(found[name]) != 1 {
			return Files{}, fmt.Errorf("%s is in %s %d times: want it once", name, strings.Join(paths, ", "), len(found[name]))
		}
		if files.Others[name], err = readFile(found[name][0]); err != nil {
			return Files{}, err
		}
	}
	return files, nil
}

// look sorts what is under the paths into what the mapping names and files given by themselves that it doesn't.
func look(m Mapping, paths []string) (found map[string][]string, others []string, err error) {
	found = map[string][]string{}
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			return nil, nil, err
		}
		if !info.IsDir() {
			if name := filepath.Base(path); m.namesFile(name) {
				found[name] = append(found[name], path)
			} else {
				others = append(others, path)
			}
			continue
		}
		for _, name := range append(m.otherFiles(), m.Deals.File) {
			if inside := filepath.Join(path, name); isFile(inside) {
				found[name] = append(found[name], inside)
			}
		}
	}
	return found, others, nil
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir()
}

func (m *Mapping) namesFile(name string) bool {
	return name == m.Deals.File || slices.Contains(m.otherFiles(), name)
}

// otherFiles are the files that the mapping names beside that of the deals, each once.
func (m *Mapping) otherFiles() []string {
	names := []string{m.Products.File, m.Sellers.From}
	for _, join := range m.Deals.Joins {
		names = append(names, join.File)
	}
	slices.Sort(names)
	return slices.DeleteFunc(slices.Compact(names), func(name string) bool { return name == "" })
}

func readFile(path string) (File, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return File{}, err
	case info.Size() > MaxFile:
		return File{}, fmt.Errorf("%s has %d bytes: want at most %d, so split it", path, info.Size(), MaxFile)
	case info.Mode()&(fs.ModeDevice|fs.ModeNamedPipe|fs.ModeSocket) != 0:
		return File{}, fmt.Errorf("%s is no file", path)
	}
	data, err := os.ReadFile(path)
	return File{Name: filepath.Base(path), Data: data}, err
}
