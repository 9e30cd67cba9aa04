// Package disputes is the read model of cases: each as it is, and which policies were changed because of them.
package disputes
