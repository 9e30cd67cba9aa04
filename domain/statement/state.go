package statement

type Statement struct{}
