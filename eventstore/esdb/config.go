package esdb

import (
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	client "github.com/EventStore/EventStore-Client-Go/v4/esdb"
)

// DefaultTimeout bounds a call of the server, where Config names no other bound.
const DefaultTimeout = 10 * time.Second

// Config says which log to use, as whom, and which streams of it are ours. It may be printed and logged: its secrets are not
// shown.
type Config struct {
	URL      string // esdb://HOST:PORT,…?… or esdb+discover://HOST:PORT?…, the settings being those of the client
	User     string // instead of the URL's, where not empty
	Password Secret // instead of the URL's, where not empty

	CAFile     string // PEM: the authorities to trust; empty: those of the system
	CertFile   string // PEM: a user certificate instead of user and password, with its key
	KeyFile    string
	SkipVerify bool // trust any server: for trying things out only

	Existing   bool          // Open makes no new log: ErrNoLog
	Categories []string      // of the streams that are ours, for Check; empty: all but the server's own
	Timeout    time.Duration // of each call, and how long one is tried again; 0: DefaultTimeout
	Logger     *slog.Logger  // nil: silent
}

// Secret is a text that prints as asterisks.
type Secret string

const hidden = "***"

// String hides the secret.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return hidden
}

// GoString hides the secret from %#v.
func (s Secret) GoString() string { return `"` + s.String() + `"` }

// MarshalText hides the secret from JSON.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// LogValue hides the secret from slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// ParseConfig reads a URL, and takes user and password out of it.
// Errors: one that says what is wrong with it, and shows no secret.
func ParseConfig(text string) (Config, error) {
	c := Config{URL: text}
	if err := c.extract(); err != nil {
		return Config{}, err
	}
	_, err := c.connection()
	return c, err
}

// String is the URL with the user, and asterisks for the password.
func (c Config) String() string {
	if err := c.extract(); err != nil {
		return err.Error()
	}
	scheme, rest, _ := strings.Cut(c.URL, "://")
	who := url.PathEscape(c.User)
	if c.Password != "" {
		who += ":" + c.Password.String()
	}
	if who != "" {
		who += "@"
	}
	return scheme + "://" + who + rest
}

// GoString hides the secrets from %#v, too.
func (c Config) GoString() string { return "esdb.Config(" + c.String() + ")" }

// MarshalText hides the secrets from JSON.
func (c Config) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// LogValue hides the secrets from slog.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

func (c Config) timeout() time.Duration {
	if c.Timeout > 0 {
		return c.Timeout
	}
	return DefaultTimeout
}

func (c Config) logger() *slog.Logger {
	if c.Logger != nil {
		return c.Logger
	}
	return slog.New(slog.DiscardHandler)
}

// extract moves user and password from the URL to their fields. The URL goes through no parser before that is done, because
// parsers show what they can't read.
func (c *Config) extract() error {
	scheme, rest, ok := strings.Cut(c.URL, "://")
	if !ok || scheme != "esdb" && scheme != "esdb+discover" {
		return errors.New("event log URL: want esdb://… or esdb+discover://…")
	}
	place, settings, _ := strings.Cut(rest, "?")
	if strings.Contains(settings, "@") {
		return errors.New("event log URL: an @ among its settings; write ? in a password as %3F")
	}
	at := strings.LastIndex(place, "@")
	if at < 0 {
		return nil
	}
	name, password, _ := strings.Cut(place[:at], ":")
	user, userErr := url.PathUnescape(name)
	secret, secretErr := url.PathUnescape(password)
	if userErr != nil || secretErr != nil || user == "" {
		return errors.New("event log URL: user or password can't be read; write % as %25")
	}
	if c.User == "" {
		c.User = user
	}
	if c.Password == "" {
		c.Password = Secret(secret)
	}
	c.URL = scheme + "://" + rest[at+1:]
	return nil
}

// known are the client's settings. It only warns of others, so that a misspelt one would be passed over.
var known = []string{
	"tls", "tlscafile", "tlsverifycert", "usercertfile", "userkeyfile", "nodepreference", "maxdiscoverattempts",
	"discoveryinterval", "gossiptimeout", "keepaliveinterval", "keepalivetimeout", "defaultdeadline",
}

// connection is the client's own configuration. Its logger is still missing.
func (c Config) connection() (*client.Configuration, error) {
	if err := c.extract(); err != nil {
		return nil, err
	}
	if err := checkSettings(c.URL); err != nil {
		return nil, err
	}
	conf, err := client.ParseConnectionString(c.URL)
	if err != nil {
		return nil, fmt.Errorf("event log URL: %w", err)
	}
	if conf.NodePreference != client.NodePreferenceLeader {
		return nil, fmt.Errorf("event log URL: nodePreference %s: the ledger reads what it just wrote, so only the leader will do", conf.NodePreference)
	}
	conf.Username, conf.Password = c.User, string(c.Password)
	conf.SkipCertificateVerification = conf.SkipCertificateVerification || c.SkipVerify
	if c.CertFile != "" || c.KeyFile != "" {
		conf.UserCertFile, conf.UserKeyFile = c.CertFile, c.KeyFile
	}
	if c.CAFile != "" {
		if conf.RootCAs, err = readCA(c.CAFile); err != nil {
			return nil, err
		}
	}
	conf.Logger = client.NoopLogging()
	return conf, conf.Validate()
}

// checkSettings refuses settings that the client doesn't know.
func checkSettings(text string) error {
	_, query, _ := strings.Cut(text, "?")
	settings, err := url.ParseQuery(query)
	if err != nil {
		return fmt.Errorf("event log URL: settings: %w", err)
	}
	for name := range settings {
		if !slices.Contains(known, strings.ToLower(name)) {
			return fmt.Errorf("event log URL: no setting is called %q", name)
		}
	}
	return nil
}

func readCA(file string) (*x509.CertPool, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("certificates of the event log's authority: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("certificates of the event log's authority: %s holds none in PEM", file)
	}
	return pool, nil
}
