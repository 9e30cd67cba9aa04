package domain

// Personal is text about a person: a name, an e-mail, a phone number, a bank account. The codec seals it with the
// subject's own key wherever a field of this type stands in an event:
//
//	Name domain.Personal `json:"name" subject:"seller_id"`
//
// The tag names the JSON field of the same event that holds the subject's id. Folds and read models see plain text, or
// Erased once the key is gone.
type Personal string

// Erased is what a personal field reads as after its subject's key was destroyed.
const Erased Personal = "[erased]"
