// Package centre runs queues, agents and callers' Tasks as actors of several members in one process, and has members
// leave, or lose the store: what dispatch shows of the machines holds of their shells too. There is nothing in it but
// tests.
//
// Journal and what is kept are in memory, the same for all members. A caller's Task does what the rules of the words
// demand (actors/msg/queue.proto) and no more: its agents are rung by nobody, and answer when a test says so.
package centre
