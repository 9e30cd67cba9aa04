package clawback

type State struct{}
