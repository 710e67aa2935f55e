"""What contradicts what between records, found before anything is solved. One file per part of a problem."""
