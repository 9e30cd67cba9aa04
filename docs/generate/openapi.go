package main

import "github.com/channelledger/channelledger/api"

// openAPI is the description of the HTTP API that the server gives at /openapi.json.
func openAPI(string) ([]byte, error) { return api.OpenAPI("development") }
