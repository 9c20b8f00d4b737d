// Package guard keeps a fault of ours from ending more than what was asked for: calls must not end because a command,
// a service of programs or an errand has one.
package guard

import (
	"fmt"
	"log/slog"
	"runtime/debug"
)

// Run does what f says. A panic in it ends f alone, and is logged with its stack under that message: true.
func Run(log *slog.Logger, message string, f func(), attributes ...any) (fault bool) {
	defer func() {
		if cause := recover(); cause != nil {
			log.Error(message, append(attributes, "fault", fmt.Sprint(cause), "stack", string(debug.Stack()))...)
			fault = true
		}
	}()
	f()
	return false
}
