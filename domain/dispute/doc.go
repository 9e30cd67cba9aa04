// Package dispute holds cases: somebody contests a recorded event, both sides are heard, somebody who had no hand in it rules
// and cites the events that the ruling rests on, one appeal is heard, and what was ruled is carried out on the streams that
// it concerns.
package dispute
