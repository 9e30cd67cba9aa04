// Package journal derives both books from the events: double entry, by posted and by effective date.
package journal
