"""What is known of a run or a game day while it goes on: folds of the events so far."""
