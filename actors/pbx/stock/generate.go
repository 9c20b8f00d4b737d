package stock

//go:generate go run ../../../media/prompt/gen -speed 180 english.txt files
//go:generate go run ../../../media/prompt/gen -voice de+f3 -speed 180 german.txt files/german
