package api_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/api"
	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/eventstore/files"
)

const octets = "application/octet-stream"

func (c caller) hands(content io.Reader, options ...func(*http.Request)) answer {
	c.t.Helper()
	options = append([]func(*http.Request){with("Content-Type", octets)}, options...)
	return c.send(http.MethodPost, "/v1/files", content, options...)
}

// stores hands in a document, and is its hash.
func (c caller) stores(content string) string {
	c.t.Helper()
	a := c.hands(strings.NewReader(content))
	require.Contains(c.t, []int{200, 201}, a.status, "%s", a.body)
	return a.text("data", "sha256")
}

func TestADocumentComesBackAsItWasHandedIn(t *testing.T) {
	w := newWorld(t)
	content := "<html><script>alert(1)</script></html>\x00\xff"
	sum := sha256.Sum256([]byte(content))
	hash := hex.EncodeToString(sum[:])

	first := w.ops().hands(strings.NewReader(content)).is(201)
	require.Equal(t, hash, first.text("data", "sha256"))
	require.EqualValues(t, len(content), first.field("data", "size"))
	require.Equal(t, "/v1/files/"+hash, first.header.Get("Location"))
	before := w.events()
	again := w.ops().hands(strings.NewReader(content)).is(201) // a retry is answered like the first
	require.Equal(t, first.position(), again.position())
	w.desk().hands(strings.NewReader(content)).is(200) // the vendor has it
	require.Equal(t, before, w.events())

	got := w.desk().get("/v1/files/" + hash).is(200)
	require.Equal(t, content, string(got.body))
	for name, value := range map[string]string{
		"Content-Type": octets, "Content-Disposition": `attachment; filename="` + hash + `.bin"`,
		"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
		"Cache-Control": "no-store", "ETag": `"` + hash + `"`,
	} {
		require.Equal(t, value, got.header.Get(name), name)
	}
	head := w.desk().send(http.MethodHead, "/v1/files/"+hash, nil).is(200)
	require.Empty(t, head.body)
	require.Equal(t, got.header.Get("Content-Length"), head.header.Get("Content-Length"))
	require.Empty(t, w.desk().get("/v1/files/"+hash, with("If-None-Match", got.header.Get("ETag"))).is(304).body)
}

func TestWhoMayFetchADocument(t *testing.T) {
	w := newWorld(t)
	north, south := w.partner("north"), w.partner("south")
	proof := north.people().stores("a proof of north")
	vendors := w.ops().stores("internal")
	contract := w.ops().stores("the contract of north")
	path := "/v1/files/"
	for _, c := range []caller{north.people(), north.admin(), w.ops(), w.desk(), w.auditor(), w.as("finance-1", domain.Finance)} {
		c.get(path + proof).is(200)
		c.get(path + contract).is(200)
	}
	for _, hash := range []string{proof, vendors, contract, strings.Repeat("0", 64), "nothing", strings.ToUpper(proof)} {
		south.people().get(path+hash).problem(404, "document_unknown") // and learns nothing of what there is
	}
	north.people().get(path+vendors).problem(404, "document_unknown")
	w.as("nobody").get(path+proof).problem(403, "role")
	w.as("lost-1", domain.PartnerSeller).get(path+proof).problem(403, "own_partner")

	south.people().stores("a proof of north") // has it as well: what one knows, one may read
	south.people().get(path + proof).is(200)
}

func TestWhatIsNoDocument(t *testing.T) {
	w := newWorld(t, option(func(c *api.Config) { c.Limits.FileBytes = 100 }))
	w.ops().hands(strings.NewReader(strings.Repeat("x", 100))).is(201)
	w.ops().hands(strings.NewReader(strings.Repeat("x", 101))).problem(413, "too_large")
	w.ops().hands(io.MultiReader(strings.NewReader(strings.Repeat("x", 101)))).problem(413, "too_large") // of unsaid length
	w.ops().hands(strings.NewReader("")).problem(422, "invalid_field")
	for _, contentType := range []string{"text/plain", "multipart/form-data; boundary=x", "application/json", ""} {
		w.ops().hands(strings.NewReader("{}"), with("Content-Type", contentType)).problem(415, "unsupported_media_type")
	}
	for _, role := range domain.Roles() {
		if status := w.as("somebody-1", role).of(w.partnerOf(role)).hands(strings.NewReader("x")).status; role == domain.Auditor {
			require.Equal(t, 403, status)
		} else {
			require.Contains(t, []int{200, 201}, status, role)
		}
	}
	w.as("nobody").hands(strings.NewReader("x")).problem(403, "role")
	w.as("lost-1", domain.PartnerSeller).hands(strings.NewReader("x")).problem(403, "own_partner")
	without := newWorld(t, option(func(c *api.Config) { c.Files = nil }))
	without.ops().hands(strings.NewReader("x")).problem(503, "no_files")
	without.ops().get("/v1/files/"+strings.Repeat("0", 64)).problem(503, "no_files")
}

// partnerOf is a partner for those roles that belong to one.
func (w *world) partnerOf(role domain.Role) string {
	if (domain.Actor{Roles: []domain.Role{role}}).OfPartner() {
		return newID()
	}
	return ""
}

func TestADamagedDocumentIsNeverSent(t *testing.T) {
	dir := t.TempDir()
	store, err := files.Open(dir)
	require.NoError(t, err)
	w := newWorld(t, option(func(c *api.Config) { c.Files = store }))
	hash := w.ops().stores("a contract")
	path := filepath.Join(dir, hash[:2], hash)
	require.NoError(t, os.WriteFile(path, []byte("a contracT"), 0o600))
	w.ops().get("/v1/files/"+hash).problem(500, "document_damaged")
	require.Contains(t, w.log.String(), "document damaged")
	require.NoError(t, os.Remove(path))
	w.ops().get("/v1/files/"+hash).problem(404, "document_missing")
	w.ops().stores("a contract")
	require.True(t, bytes.Equal([]byte("a contract"), w.ops().get("/v1/files/"+hash).is(200).body))
}

func TestAnAgreementCitesAStoredDocument(t *testing.T) {
	w := newWorld(t)
	north := w.partner("north")
	signed := object{"kind": "addendum", "document_sha256": strings.Repeat("0a", 32), "valid_from": "2026-01-01"}
	w.ops().post("/v1/partners/"+north.id+"/agreements", signed).problem(409, "document_unknown")
	w.as("import-1", domain.ServiceRole).post("/v1/partners/"+north.id+"/agreements", signed).is(200)
	signed["document_sha256"] = w.ops().stores("an addendum")
	w.ops().post("/v1/partners/"+north.id+"/agreements", signed).is(200)
}

// What is shown in a dispute may be fetched by whoever sees it there: the other side where it is open, who hears the case always.
func TestEvidenceMayBeFetchedByWhoeverSeesIt(t *testing.T) {
	w := newWorld(t)
	north, south, west := w.partner("north"), w.partner("south"), w.partner("west")
	x := south.disputes("deal_ownership", w.eventOf(w.streamOf(north.approved("acme", "10.00")), "deal.approved.v1"), north)
	open, sealed := south.admin().stores("a mail"), south.admin().stores("a price list")
	x.does(south.admin(), "evidence", object{"name": "mail", "sha256": open, "size": 6, "visibility": "parties"})
	x.does(south.admin(), "evidence", object{
		"name": "prices", "sha256": sealed, "size": 12, "visibility": "adjudicator", "sealing_reason": "prices",
	})
	x.judge("board-1")
	path, member := "/v1/files/", w.as("board-1", domain.Adjudicator).of(west.id)
	require.Equal(t, "a mail", string(north.admin().get(path+open).is(200).body))
	north.admin().get(path+sealed).problem(404, "document_unknown")
	member.get(path + open).is(200)
	member.get(path + sealed).is(200)
	west.admin().get(path+open).problem(404, "document_unknown")
	south.people().get(path + sealed).is(200)
	x.does(north.admin(), "evidence", object{"name": "guessed", "sha256": sealed, "size": 12, "visibility": "parties"})
	north.admin().get(path+sealed).problem(404, "document_unknown")
}
