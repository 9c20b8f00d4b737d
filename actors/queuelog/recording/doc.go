// Package recording finds the recordings that other servers have made of the calls in their queue_logs, by templates of
// paths and addresses that each partition has (reference queuelog.md, section 2.4: recordings of separate servers).
//
// A rule is "PARTITION=TEMPLATE", "*=TEMPLATE" stands for all partitions. A template that begins with http:// or https://
// is an address; all others are absolute paths, in which * and ? stand for what is not known:
//
//	A=/srv/a/monitor/%Y/%m/%d/*-{callid}*.wav
//	B=https://b.example.net/rec/{queue}/{callid}.mp3
//
// {callid} {queue} {agent} {caller} {partition} are those of the call; %Y %m %d %H %M %S are when it entered its queue,
// was answered or ended, whichever finds something. What a log says is never trusted: it stands for one name, can not
// lead out of the folder in which a template begins, and can not be a pattern.
package recording
