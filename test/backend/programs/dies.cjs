// Stands in for the program that looks for a GPU, where Dawn or a driver ends the process.
process.kill(process.pid, 'SIGSEGV')
