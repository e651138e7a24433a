"""Speech synthesis with word and phone times: users' voices and the assistant's."""
