package api

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // the docs page
	"encoding/base64"
	"encoding/json"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/labstack/echo/v4"
)

//go:embed docs.html
var docsPage []byte

// description is what huma is configured with. Its own pages are off: they load code from elsewhere.
func (s *Server) description() huma.Config {
	config := huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title:   "channelledger",
				Version: s.version(),
				Description: "An event-sourced ledger for companies that sell through partners.\n\n" +
					"Commands are POSTs; send an Idempotency-Key, and a retry is answered like the first. Every answer carries the " +
					"position of the log that it holds: give it to a read as wait_for, and you read your own writes. " +
					"Refusals are problems (RFC 9457).",
			},
			Components: &huma.Components{Schemas: newRegistry()},
		},
		Formats:                      map[string]huma.Format{"application/json": huma.DefaultJSONFormat, "json": huma.DefaultJSONFormat},
		DefaultFormat:                "application/json",
		RejectUnknownQueryParameters: true,
		Transformers:                 []huma.Transformer{asProblem},
	}
	config.Components.SecuritySchemes = s.securitySchemes()
	return config
}

func (s *Server) version() string {
	if s.Version == "" {
		return "dev"
	}
	return s.Version
}

// describer is an authenticator that can say how to authenticate.
type describer interface {
	SecuritySchemes() map[string]*huma.SecurityScheme
}

// SecuritySchemes describes the four headers.
func (DevAuthenticator) SecuritySchemes() map[string]*huma.SecurityScheme {
	header := func(name, description string) *huma.SecurityScheme {
		return &huma.SecurityScheme{Type: "apiKey", In: "header", Name: name, Description: description}
	}
	return map[string]*huma.SecurityScheme{
		"actor":   header("X-Actor", "Who sends the request: an opaque id"),
		"roles":   header("X-Roles", "The actor's roles, comma separated"),
		"partner": header("X-Partner", "The partner whose people the actor belongs to, a uuid; the vendor's people leave it out"),
		"behalf":  header("X-On-Behalf-Of", "For whom a user acts, by a delegation in force; whoever acts for themselves leaves it out"),
	}
}

func (s *Server) securitySchemes() map[string]*huma.SecurityScheme {
	if d, ok := s.Authenticator.(describer); ok {
		return d.SecuritySchemes()
	}
	return nil
}

// security demands all schemes together.
func (s *Server) security() []map[string][]string {
	all := map[string][]string{}
	for name := range s.securitySchemes() {
		all[name] = []string{}
	}
	if len(all) == 0 {
		return nil
	}
	return []map[string][]string{all}
}

// OpenAPI is the description of the API (OpenAPI 3.1, JSON).
func (s *Server) OpenAPI() ([]byte, error) {
	raw, err := json.Marshal(s.huma.OpenAPI())
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := json.Indent(&b, raw, "", "  "); err != nil {
		return nil, err
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}

// OpenAPI is the description of the API without a ledger behind it, for generators.
func OpenAPI(version string) ([]byte, error) {
	return New(Config{Authenticator: DevAuthenticator{}, Version: version}).OpenAPI()
}

func (s *Server) docsRoutes() {
	s.echo.GET("/openapi.json", func(c echo.Context) error {
		text, err := s.openAPI()
		if err != nil {
			return err
		}
		return c.Blob(http.StatusOK, "application/openapi+json", text)
	})
	policy := "default-src 'none'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; " +
		"script-src '" + inlineHash(docsPage, "script") + "'; style-src '" + inlineHash(docsPage, "style") + "'"
	s.echo.GET("/docs", func(c echo.Context) error {
		c.Response().Header().Set(echo.HeaderContentSecurityPolicy, policy)
		return c.HTMLBlob(http.StatusOK, docsPage)
	})
	s.echo.GET("/", func(c echo.Context) error { return c.Redirect(http.StatusSeeOther, "/docs") })
}

// inlineHash lets a browser run what stands in the page, and nothing else.
func inlineHash(page []byte, element string) string {
	_, rest, _ := bytes.Cut(page, []byte("<"+element+">"))
	content, _, _ := bytes.Cut(rest, []byte("</"+element+">"))
	sum := sha256.Sum256(content)
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}
