package listing

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/channelledger/channelledger/domain"
)

// cursor says behind which row a list goes on, and which list that is. It holds nothing that the client may not know: the
// row was listed, and the conditions come with each request.
type cursor struct {
	List   string `json:"l"` // fingerprint of table, order and conditions
	Key    string `json:"k"`
	Text   string `json:"t,omitempty"` // the row's value in the sort column: a text
	Number *int64 `json:"n,omitempty"` // or a number
}

func (c cursor) String() string {
	raw, err := json.Marshal(c)
	if err != nil {
		return "" // strings and a number always marshal
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

// value is the sort column's, as SQLite takes it.
func (c cursor) value() any {
	if c.Number != nil {
		return *c.Number
	}
	return c.Text
}

func newCursor(list, key string, value any) (c cursor, err error) {
	c = cursor{List: list, Key: key}
	switch v := value.(type) {
	case int64:
		c.Number = &v
	case string:
		c.Text = v
	default:
		err = fmt.Errorf("row %q: can't sort by %T", key, value)
	}
	return c, err
}

// readCursor takes back what an earlier page of the same list gave.
// Errors: a Rejection of kind Invalid for "cursor".
func readCursor(text, list string) (c cursor, err error) {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil {
		err = json.Unmarshal(raw, &c)
	}
	switch {
	case err != nil || c.Key == "":
		return cursor{}, domain.Invalid("cursor", "want the cursor that an earlier page gave, as it was, or none")
	case c.List != list:
		return cursor{}, domain.Invalid("cursor", "the cursor is of another list: keep sort and filters as they were, or start without it")
	}
	return c, nil
}

// fingerprint tells lists apart.
func fingerprint(t Table, o order, w Where) (string, error) {
	raw, err := json.Marshal([]any{t.Name, o.column, o.descending, w.conditions, w.args, w.bound})
	if err != nil {
		return "", fmt.Errorf("list %s: %w", t.Name, err)
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:8]), nil
}
