package esdb_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/eventstore/esdb"
	"github.com/channelledger/channelledger/eventstore/esdbtest"
)

// userCertificate is a certificate with a user's name, and its key, signed by the authority in the server's configuration,
// which is made to ask for it.
func userCertificate(t *testing.T, server *tls.Config, name string) (certFile, keyFile string) {
	t.Helper()
	authority, err := x509.ParseCertificate(server.Certificates[0].Certificate[0])
	require.NoError(t, err)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(2),
		Subject:      pkix.Name{CommonName: name},
		NotBefore:    authority.NotBefore,
		NotAfter:     time.Now().Add(time.Hour),
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}, authority, key.Public(), server.Certificates[0].PrivateKey)
	require.NoError(t, err)
	keyBytes, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	server.ClientCAs = x509.NewCertPool()
	server.ClientCAs.AddCert(authority)
	server.ClientAuth = tls.VerifyClientCertIfGiven
	certFile, keyFile = filepath.Join(t.TempDir(), "user.pem"), filepath.Join(t.TempDir(), "user.key")
	require.NoError(t, os.WriteFile(certFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	require.NoError(t, os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyBytes}), 0o600))
	return certFile, keyFile
}

func TestAUserCertificateInsteadOfAPassword(t *testing.T) {
	config, caFile := esdbtest.Certificate(t)
	certFile, keyFile := userCertificate(t, config, "ledger")
	server := serve(t, esdbtest.TLS(config), esdbtest.Users(esdbtest.User{Name: "ledger", Password: password, Admin: true}))
	cfg := esdb.Config{URL: "esdb://" + server.Address(), CAFile: caFile, CertFile: certFile, KeyFile: keyFile}
	appendMany(t, openAs(t, cfg), "deal-1", 2)
	require.Contains(t, finding(t, check(t, cfg), "$settings").Remedy, `"$w":["ledger"]`, "the certificate names the user")

	cfg.KeyFile = ""
	_, err := esdb.Open(limited(t), cfg)
	require.Error(t, err)
}
