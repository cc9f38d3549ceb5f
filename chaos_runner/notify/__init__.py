"""What people are told of by chat, mail or webhook, through the library Apprise."""
