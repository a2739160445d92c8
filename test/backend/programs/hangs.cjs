// Stands in for the program that looks for a GPU, where a driver does not answer.
setInterval(() => {}, 1000)
