# What stands in the Request Tracker of the tests beside its own initial data: `rt-setup-database --action insert`
# reads it. All names are made up. The tokens are printed, as `TOKEN <user> <token>`.

my $password = 'made-up-password';

@Users = (
    { Name => 'deskbridge', RealName => 'Deskbridge', EmailAddress => 'bridge@example.com', Privileged => 1 },
    { Name => 'agent', RealName => 'Alex Agent', EmailAddress => 'agent@example.com', Privileged => 1, Password => $password },
    { Name => 'reader', RealName => 'Robin Reader', EmailAddress => 'reader@example.com', Privileged => 1 },
    { Name => 'customer', RealName => 'Chris Customer', EmailAddress => 'customer@example.com', Privileged => 0 },
);

@Queues = ( { Name => 'Helpdesk', Description => 'For tests' }, { Name => 'Locked', Description => 'Not for everybody' } );

@CustomFields = (
    { Name => 'RemoteSession', Type => 'FreeformSingle', Queue => 'Helpdesk' },
    { Name => 'Asset',         Type => 'FreeformSingle', Queue => 'Helpdesk' },
    { Name => 'Labels',        Type => 'FreeformMultiple', Queue => 'Helpdesk' },
    { Name => 'Delivered',     Type => 'DateSingle',     Queue => 'Helpdesk' },
    { Name => 'Mood', Type => 'SelectSingle', Queue => 'Helpdesk', Values => [ { Name => 'good' }, { Name => 'bad' } ] },
    { Name => 'Secret', Type => 'FreeformSingle', Queue => 'Locked' },
);

my @read  = qw(SeeQueue ShowTicket ShowTicketComments);
# What docs/request-tracker.md tells to grant to the bridge's user.
my @write = ( @read, qw(CommentOnTicket CreateTicket ModifyCustomField ModifyTicket ReplyToTicket SeeCustomField) );

sub granted {
    my ( $user, @rights ) = @_;
    return map { { UserId => $user, Queue => 'Helpdesk', Right => $_ } } @rights;
}

@ACL = (
    granted( 'deskbridge', @write ),
    granted( 'agent', @write, qw(OwnTicket DeleteTicket ShowOutgoingEmail) ),
    granted( 'reader', @read ),
    { UserId => 'agent', Right => 'AdminUsers' },
    { UserId => 'agent', Queue => 'Locked', Right => 'CreateTicket' },
    map { { GroupDomain => 'RT::System-Role', GroupType => 'Requestor', Right => $_ } } qw(ShowTicket ReplyToTicket),
);

# A group of those who work on tickets, whose members the bridge's user may see.
push @Final, sub {
    my $group = RT::Group->new( RT->SystemUser );
    $group->CreateUserDefinedGroup( Name => 'Agents' );
    for my $name (qw(agent deskbridge)) {
        my $user = RT::User->new( RT->SystemUser );
        $user->Load($name);
        $group->AddMember( $user->PrincipalId );
        $user->PrincipalObj->GrantRight( Right => 'SeeGroup', Object => $group ) if $name eq 'deskbridge';
    }
    print "GROUP Agents ", $group->Id, "\n";
};

push @Final, sub {
    for my $name (qw(deskbridge agent reader customer)) {
        my $user = RT::User->new( RT->SystemUser );
        $user->Load($name);
        my $token = RT::AuthToken->new( RT->SystemUser );
        my ( $id, $message, $text ) = $token->Create( Owner => $user->Id, Description => 'for tests' );
        print "TOKEN $name $text\n";
    }
};
