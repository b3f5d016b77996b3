"""The command line: `./utvag COMMAND`. One file for each group of commands, imported when asked for.

Exit codes: 0 done and well; 1 it failed; 2 the command was written wrong; 3 not ready or not
healthy; 4 something in the surroundings is missing (`doctor` says what); 130 interrupted.
"""
