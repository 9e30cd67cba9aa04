// Package periods is the read model of the months of the books: which are cut, closed, reopened, and each version of them. The
// trial balance of a version comes from the journal as it was known at the version's cut.
package periods
