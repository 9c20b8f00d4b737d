package stock

//go:generate go run ../../../media/prompt/gen -speed 165 english.txt files
//go:generate go run ../../../media/prompt/gen -voice de+f3 -speed 165 german.txt files/german
