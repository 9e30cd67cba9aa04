package esdb

import (
	"crypto/tls"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// The server's names in its lists of rights.
const (
	everybody = "$all"
	admins    = "$admins"

	rightWrite     = "$w"
	rightDelete    = "$d"
	rightMetaWrite = "$mw"
)

// rights are an access list: who may do what.
type rights map[string]roles

// orEverybody is the list with the server's default for what isn't named in it.
func (r rights) orEverybody() rights {
	full := rights{rightWrite: {everybody}, rightDelete: {everybody}, rightMetaWrite: {everybody}}
	maps.Copy(full, r)
	return full
}

// roles are users and groups; the server writes one without brackets.
type roles []string

// UnmarshalJSON takes a name or a list of names.
func (r *roles) UnmarshalJSON(text []byte) error {
	var one string
	if json.Unmarshal(text, &one) == nil {
		*r = roles{one}
		return nil
	}
	var list []string
	err := json.Unmarshal(text, &list)
	*r = list
	return err
}

// strangers are those who have a right and aren't among the others.
func (r rights) strangers(right string, known ...string) []string {
	return slices.DeleteFunc(slices.Clone(r[right]), func(name string) bool { return slices.Contains(known, name) })
}

// dangers says in words who may change the past or add to it, besides the ledger's user and the admins.
func (r rights) dangers(user string) []string {
	var list []string
	for _, danger := range []struct {
		right, what string
		known       []string
	}{
		{rightWrite, "append", []string{user, admins}},
		{rightDelete, "delete streams", []string{admins}},
		{rightMetaWrite, "set $maxAge, $maxCount and $tb", []string{admins}},
	} {
		if who := r.strangers(danger.right, danger.known...); len(who) > 0 {
			list = append(list, fmt.Sprintf("%s may %s (%s)", strings.Join(who, ", "), danger.what, danger.right))
		}
	}
	return list
}

// safe is the default access list to set, for the ledger's user.
func safe(user string) string {
	text, err := json.Marshal(map[string]any{
		"$userStreamAcl": map[string]any{
			"$r": []string{user, admins}, "$w": []string{user}, "$d": admins, "$mr": []string{user, admins}, "$mw": admins,
		},
		"$systemStreamAcl": map[string]any{"$r": admins, "$w": admins, "$d": admins, "$mr": admins, "$mw": admins},
	})
	if err != nil {
		panic(err) // never for strings
	}
	return string(text)
}

// who is the user's name as the server knows it; empty where it isn't told.
func (c Config) who() string {
	conf, err := c.connection()
	if err != nil || conf.DisableTLS {
		return ""
	}
	if conf.Username != "" || conf.UserCertFile == "" {
		return conf.Username
	}
	pair, err := tls.LoadX509KeyPair(conf.UserCertFile, conf.UserKeyFile)
	if err != nil || pair.Leaf == nil {
		return ""
	}
	return pair.Leaf.Subject.CommonName
}
