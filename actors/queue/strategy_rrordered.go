package queue

// rrordered goes round like rrmemory, in the order of the settings.
var rrordered = strategy{name: "rrordered", metric: byPosition, choose: fromPointer}
