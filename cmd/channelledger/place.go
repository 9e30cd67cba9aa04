package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/channelledger/channelledger/eventstore/esdb"
	"github.com/channelledger/channelledger/eventstore/ledger"
)

// maxSecretFile bounds a file with a URL or a password, in bytes.
const maxSecretFile = 64 << 10

// storeFlags say where the log is and how to get in. Secrets come from files or the environment: a flag shows in the list of
// processes.
type storeFlags struct {
	Store             string `help:"The event log, where it isn't in the data folder: esdb://HOST:PORT?… or esdb+discover://HOST:PORT?…" placeholder:"URL"`
	StoreFile         string `help:"File with that URL, when it holds a password." placeholder:"FILE"`
	StoreUser         string `help:"The event log's user, instead of the URL's." placeholder:"NAME"`
	StorePasswordFile string `help:"File with the user's password." placeholder:"FILE"`
	StoreCA           string `name:"store-ca" help:"Certificates of the authorities to trust (PEM), instead of the system's." placeholder:"FILE"`
	StoreCert         string `help:"User certificate (PEM) instead of user and password." placeholder:"FILE"`
	StoreKey          string `help:"Its key (PEM)." placeholder:"FILE"`
}

// place is where a ledger is: its data folder, and its log.
type place struct {
	dir    string
	remote *esdb.Config // the log; nil: in the data folder
	clock  func() time.Time
}

// now is by the clock that the ledger goes by: this machine's, but where a test sets another.
func (p place) now() time.Time {
	if p.clock == nil {
		return time.Now()
	}
	return p.clock()
}

// String names the place, without secrets.
func (p place) String() string {
	if p.remote == nil {
		return p.dir
	}
	return p.dir + ", event log at " + p.remote.String()
}

// isURL tells an event log's URL from a folder.
func isURL(store string) bool {
	return strings.HasPrefix(store, "esdb://") || strings.HasPrefix(store, "esdb+discover://")
}

// place is where the command line says that the ledger is.
func (g *grammar) place(in invocation) (place, error) {
	p := place{dir: in.path(g.Data)}
	url := g.Store
	if g.StoreFile != "" {
		if url != "" {
			return p, errors.New("--store and --store-file: want one of them")
		}
		var err error
		if url, err = readSecret(in, "--store-file", g.StoreFile); err != nil {
			return p, err
		}
	}
	if url == "" {
		return p, g.unused()
	}
	var err error
	p.remote, err = g.config(in, url)
	return p, err
}

// unused refuses flags that nothing comes of.
func (f storeFlags) unused() error {
	f.Store, f.StoreFile = "", ""
	if f != (storeFlags{}) {
		return errors.New("--store-user, --store-password-file, --store-ca, --store-cert and --store-key belong to an event log: name it with --store")
	}
	return nil
}

// config is how to get to an event log.
func (f storeFlags) config(in invocation, url string) (*esdb.Config, error) {
	cfg, err := esdb.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	cfg.User = cmp.Or(f.StoreUser, cfg.User)
	if f.StorePasswordFile != "" {
		password, err := readSecret(in, "--store-password-file", f.StorePasswordFile)
		if err != nil {
			return nil, err
		}
		cfg.Password = esdb.Secret(password)
	}
	cfg.CAFile, cfg.CertFile, cfg.KeyFile = in.path(f.StoreCA), in.path(f.StoreCert), in.path(f.StoreKey)
	cfg.Categories = ledger.Categories()
	return &cfg, nil
}

// readSecret is a file's text without the line's end.
func readSecret(in invocation, flag, path string) (string, error) {
	info, err := os.Stat(in.path(path))
	if err != nil {
		return "", fmt.Errorf("%s: %w", flag, err)
	}
	if info.Size() > maxSecretFile {
		return "", fmt.Errorf("%s: %s has %d bytes, want at most %d", flag, path, info.Size(), maxSecretFile)
	}
	text, err := os.ReadFile(in.path(path))
	if err != nil {
		return "", fmt.Errorf("%s: %w", flag, err)
	}
	return strings.TrimRight(string(text), "\r\n"), nil
}
