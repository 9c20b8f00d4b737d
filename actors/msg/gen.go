package msg

// Compiled from the repository's root, so that the registered file names ("actors/msg/leg.proto")
// can not collide with those of Proto.Actor ("actor.proto"), which would end the program at start.
//go:generate sh -c "cd ../.. && protoc -I . -I $(go list -m -f '{{.Dir}}' github.com/asynkron/protoactor-go)/actor --plugin=protoc-gen-go=$(go tool -n protoc-gen-go) --go_out=. --go_opt=module=tandem --go_opt=Mactor.proto=github.com/asynkron/protoactor-go/actor actors/msg/*.proto"
