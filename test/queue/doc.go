// Package queue tells stories of a call centre with real phones: callers wait, agents log on by feature codes and take
// them, owners of queues die. What the server writes down of it is read from its queue_log.
package queue
