package esdbtest

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
)

// User is somebody who may use a server. Only an admin may read $all, unless the metadata of $all gives the right to the user:
// {"$acl":{"$r":["NAME","$admins"]}}. No other right is checked.
type User struct {
	Name, Password string
	Admin          bool
}

// TLS makes the server speak TLS. With ClientCAs in the configuration, a client's certificate names its user.
func TLS(config *tls.Config) Option { return func(s *settings) { s.tls = config } }

// Users lets only these in. The client sends passwords over TLS only.
func Users(list ...User) Option { return func(s *settings) { s.users = list } }

// authorize finds out whose call it is. Errors: AccessDenied for nobody's, Unauthenticated for a wrong password.
func (s *Server) authorize(ctx context.Context) (User, error) {
	if len(s.settings.users) == 0 {
		return User{Admin: true}, nil
	}
	name, password, given := basicAuth(ctx)
	for _, u := range s.settings.users {
		if given && u.Name == name && u.Password == password || !given && u.Name == certified(ctx) {
			return u, nil
		}
	}
	if given {
		return User{}, errAuthentication
	}
	return User{}, accessDenied(ctx)
}

func basicAuth(ctx context.Context) (name, password string, ok bool) {
	for _, header := range metadata.ValueFromIncomingContext(ctx, "authorization") {
		encoded, _ := strings.CutPrefix(header, "Basic ")
		text, err := base64.StdEncoding.DecodeString(encoded)
		if err == nil {
			return strings.Cut(string(text), ":")
		}
	}
	return "", "", false
}

// certified is the name in the certificate that the client proved to have.
func certified(ctx context.Context) string {
	caller, ok := peer.FromContext(ctx)
	if !ok {
		return ""
	}
	info, ok := caller.AuthInfo.(credentials.TLSInfo)
	if !ok || len(info.State.VerifiedChains) == 0 {
		return ""
	}
	return info.State.VerifiedChains[0][0].Subject.CommonName
}

// mayReadAll asks the metadata of $all.
func (s *Server) mayReadAll(ctx context.Context, u User) (bool, error) {
	if u.Admin {
		return true, nil
	}
	data, err := s.metadataOf(ctx, "$all")
	if err != nil {
		return false, err
	}
	var rights struct {
		ACL struct {
			Readers []string `json:"$r"`
		} `json:"$acl"`
	}
	_ = json.Unmarshal(data, &rights) // what is no metadata gives no right
	return slices.Contains(rights.ACL.Readers, u.Name) || slices.Contains(rights.ACL.Readers, "$all"), nil
}

// Certificate makes a private authority for the length of a test: the server's configuration with a certificate for the
// loopback interface, and the file that the client needs as tlsCAFile.
func Certificate(tb testing.TB) (config *tls.Config, caFile string) {
	tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatalf("esdbtest: %v", err)
	}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "esdbtest"},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(24 * time.Hour),
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA:                  true,
		BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		tb.Fatalf("esdbtest: %v", err)
	}
	caFile = filepath.Join(tb.TempDir(), "ca.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	if err := os.WriteFile(caFile, text, 0o600); err != nil {
		tb.Fatalf("esdbtest: %v", err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, caFile
}
