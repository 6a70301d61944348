// Made by `npm run generate` in sdk/typescript from tests/it/face/openapi.json. Not to be changed by hand.

export interface paths {
    "/api/v1/account": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Erase the account
         * @description All memories with their history, every app, project, credential and session, and the user: at once and for good. Only the
         *     audit trail stays, which holds ids and counts. It takes the person: an access token with the account's password, or one of a
         *     sign-in of the last ten minutes; API keys are refused.
         */
        delete: operations["eraseAccount"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/accounts/{tenant_id}/invoices/{invoice_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Note that an invoice was paid or given back */
        put: operations["adminSetInvoice"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/accounts/{tenant_id}/subscription": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** See the subscription of an account */
        get: operations["adminSubscription"];
        /** Give an account a plan or limits of its own */
        put: operations["adminSetSubscription"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read the audit trail */
        get: operations["adminAudit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/jobs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** See the background work */
        get: operations["adminJobs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/jobs/revive": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Queue every job that was given up once more */
        post: operations["adminReviveJobs"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/overview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** See how the service is */
        get: operations["adminOverview"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List users */
        get: operations["adminUsers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/apps/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List apps */
        get: operations["listApps"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/apps/{app_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read an app */
        get: operations["getApp"];
        /**
         * Pause or resume an app
         * @description The calls of a paused app are refused, whatever credential they come with.
         */
        put: operations["updateApp"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/apps/{app_id}/accessed": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what an app read */
        get: operations["appAccessed"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/apps/{app_id}/memories": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what an app wrote */
        get: operations["appMemories"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/login": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sign in */
        post: operations["login"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/logout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * End a sign-in
         * @description Its access tokens stop working too. Fine for a token that is not known.
         */
        post: operations["logout"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/logout-everywhere": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * End every sign-in of this person
         * @description On all devices, this one included. Endpoints and API keys go on working: those are revoked one by one.
         */
        post: operations["logoutEverywhere"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** See who you are and what you may do */
        get: operations["me"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Change your password
         * @description Ends every sign-in on all devices, and answers the tokens of a new one. Endpoints and API keys go on working.
         */
        post: operations["changePassword"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/refresh": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Exchange a refresh token for new tokens
         * @description A refresh token works once. One that comes back a second time ends its whole sign-in.
         */
        post: operations["refresh"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/register": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Create an account and sign in */
        post: operations["register"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/billing/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** End the plan with what is paid */
        post: operations["billingCancel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/billing/checkout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Choose a plan
         * @description Holds at once, or once it is paid at the address that is answered, or the operator is asked. Nothing is deleted, whatever the plan.
         */
        post: operations["billingCheckout"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/billing/events/{provider}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Tell what happened at a payment provider
         * @description For the provider, which signs what it tells. Anything told twice, late or out of order is understood as told once.
         */
        post: operations["billingEvent"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/billing/invoices": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List invoices */
        get: operations["billingInvoices"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/billing/plans": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List plans */
        get: operations["billingPlans"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/billing/portal": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Change how it is paid */
        post: operations["billingPortal"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/billing/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take the end of the plan back */
        post: operations["billingResume"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/billing/subscription": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** See the subscription */
        get: operations["billingSubscription"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/context": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Get context for a conversation
         * @description Who the user is (pinned memories, then facts and skills by strength and use), what is new, and what bears on the query,
         *     packed into a number of tokens without repeats. `Accept: text/plain` answers the text alone.
         */
        post: operations["getContext"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/endpoints/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List personal endpoints */
        get: operations["listEndpoints"];
        put?: never;
        /** Create a personal endpoint */
        post: operations["createEndpoint"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/endpoints/{endpoint_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a personal endpoint */
        get: operations["getEndpoint"];
        put?: never;
        post?: never;
        /**
         * Revoke a personal endpoint
         * @description Its next call is refused, and its open streams are closed.
         */
        delete: operations["revokeEndpoint"];
        options?: never;
        head?: never;
        /** Rename a personal endpoint */
        patch: operations["renameEndpoint"];
        trace?: never;
    };
    "/api/v1/endpoints/{endpoint_id}/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Give a personal endpoint a new secret */
        post: operations["rotateEndpoint"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Watch what happens
         * @description Server-sent events for the caller's own memories: what clients add, change, delete and read, and which credentials are
         *     used. Needs `Accept: text/event-stream`. The stream ends with its credential; open it again with the last `id`.
         */
        get: operations["watchEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Export all memories
         * @description JSON lines: a header, the projects, every memory that is not deleted, and a last line that counts them. What
         *     `/api/v1/import` reads.
         */
        get: operations["exportMemories"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/grants/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the clients that were let in */
        get: operations["listGrants"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/grants/{grant_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Show a client out
         * @description Its next call is refused, within a second on every node. What it wrote stays, and can be undone.
         */
        delete: operations["revokeGrant"];
        options?: never;
        head?: never;
        /** Rename a client that was let in */
        patch: operations["renameGrant"];
        trace?: never;
    };
    "/api/v1/import": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Import memories
         * @description An export of this product; JSON lines, a JSON list, or an object with one, as OpenMemory, Jean Memory and mem0 write
         *     them; the archives that OpenMemory, ChatGPT and Claude export, whole or only their `conversations.json`. Of conversations,
         *     what the person said is taken, and passes the write gate: what says nothing is held back. What is there already stays as it
         *     is, so an import can be repeated; `dry_run` tells first what would happen, and one undo takes all of it back. One import of an
         *     account runs at a time; `limits.import_bytes` is the largest file. It is the body, or the first
         *     file of a form.
         */
        post: operations["importMemories"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/keys/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List API keys */
        get: operations["listKeys"];
        put?: never;
        /** Create an API key */
        post: operations["createKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/keys/{key_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read an API key */
        get: operations["getKey"];
        put?: never;
        post?: never;
        /** Revoke an API key */
        delete: operations["revokeKey"];
        options?: never;
        head?: never;
        /** Rename an API key */
        patch: operations["renameKey"];
        trace?: never;
    };
    "/api/v1/keys/{key_id}/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Give an API key a new secret */
        post: operations["rotateKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/learning/analytics/{project_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** See what was learned in a project */
        get: operations["learningAnalytics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/learning/fading": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * See what would be forgotten
         * @description With decay on, what lies above a tenth of the range halves with each 90 days (episodic), 180 (associative), 365 (semantic)
         *     or one day (working) without use; procedural and pinned memories do not fade. It weakens a memory's rank; nothing is
         *     deleted. This list is no use of the memories in it.
         */
        get: operations["listFading"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/learning/feedback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Say what a memory was worth
         * @description Moves the memory's strength by +0.1 (`POSITIVE`), -0.1 (`NEGATIVE`), 0 (`NEUTRAL`), +0.05 (`CORRECTION`) or +0.08
         *     (`CONFIRMATION`), times the confidence, within 0 to 1. Its version stays: its content is as it was.
         */
        post: operations["giveFeedback"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/learning/feedback/{event_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Take feedback back
         * @description The entry stays, and another one says that it no longer counts. A text that came with a correction stays too.
         */
        delete: operations["takeFeedbackBack"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/learning/policy": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read the learned ranking policy */
        get: operations["getPolicy"];
        put?: never;
        /**
         * Learn the ranking policy
         * @description Searches the account's rated queries (feedback with a `query`) again with other weights, and switches the best one on
         *     where it clearly beats the fixed one on queries that it was not chosen on; else off.
         */
        post: operations["learnPolicy"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/memories/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List memories */
        get: operations["listMemories"];
        put?: never;
        /**
         * Store a memory
         * @description The text is stored verbatim, but for secrets, whose names take their place. What the next search finds already is not stored
         *     again, and what says nothing for certain is held back: stored in the state `held`, hidden, erased after `limits.held_days`,
         *     kept by `POST /api/v1/memories/{id}/keep`. The event is then `NONE` with a `reason` and a `message`. What is sent with `force`
         *     or asks to be remembered is never held back.
         *
         *     With `infer` or `messages`, facts are taken from it where the server is set up for that. The answer is then an operation:
         *     `{"results": [{"id", "memory", "event"}], …}` once it is done (`?wait=true`), and until then its address.
         */
        post: operations["createMemory"];
        /**
         * Delete many memories, or all
         * @description They can be restored for a while (`limits.deleted_kept_days`), then they are erased.
         */
        delete: operations["deleteMemories"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/memories/actions/archive": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Archive memories
         * @description They are kept, and found no more unless archived ones are asked for.
         */
        post: operations["archiveMemories"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/memories/actions/keep": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Keep memories that the write gate holds back
         * @description They are active and found from now on.
         */
        post: operations["keepMemories"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/memories/actions/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Pause memories, or resume them with `"state": "active"`
         * @description Paused memories are kept, and no client finds them.
         */
        post: operations["pauseMemories"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/memories/actions/restore": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make memories seen again
         * @description Paused, archived and superseded ones become active; deleted ones come back in the state that they had.
         */
        post: operations["restoreMemories"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/memories/batch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Store many memories
         * @description Each gets an answer of its own, in order; one that does not fit keeps no other from being stored.
         */
        post: operations["addMemories"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/memories/categories": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List tags in use */
        get: operations["listCategories"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/memories/filter": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * List memories by conditions in a body
         * @description Paused memories are listed too, so that they can be resumed.
         */
        post: operations["filterMemories"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/memories/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Search memories */
        post: operations["searchMemories"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/memories/{memory_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a memory */
        get: operations["getMemory"];
        /**
         * Change a memory
         * @description A new text is found by the very next search. With `If-Match`, the change is made only to that version.
         */
        put: operations["updateMemory"];
        post?: never;
        /**
         * Delete a memory
         * @description It can be restored for a while (`limits.deleted_kept_days`), then it is erased.
         */
        delete: operations["deleteMemory"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/memories/{memory_id}/access-log": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** See who read a memory */
        get: operations["memoryAccessLog"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/memories/{memory_id}/alike": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Open what is folded under a memory
         * @description Searches, contexts and lists show the newest of the memories that tell one fact in one dress or another; these are the others.
         */
        get: operations["alikeMemories"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/memories/{memory_id}/feedback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** See what was said of a memory */
        get: operations["memoryFeedback"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/memories/{memory_id}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** See how a memory became what it is */
        get: operations["memoryHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/memories/{memory_id}/keep": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Keep a memory that the write gate holds back
         * @description It is active and found from now on. One that is not held stays as it is.
         */
        post: operations["keepMemory"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/memories/{memory_id}/links/{other_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Link two memories
         * @description Both lie in one project. A link has no direction; linking again changes nothing.
         */
        post: operations["linkMemories"];
        /** Take a link between two memories away */
        delete: operations["unlinkMemories"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/memories/{memory_id}/related": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Find memories that belong to this one
         * @description First those that are linked with it, then those that are like it.
         */
        get: operations["relatedMemories"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/memories/{memory_id}/restore": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make a memory seen again
         * @description A deleted one comes back in the state that it had, as long as it is kept (`limits.deleted_kept_days`); a paused, archived
         *     or superseded one becomes active. 409 when another memory of the project has its text or key by now.
         */
        post: operations["restoreMemory"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/memories/{memory_id}/undo": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Undo the last change of a memory, or go back to an earlier version
         * @description Text, metadata, tags, kind, confidence, pin, end and state are again what they were, as a new version: undoing an undo
         *     brings the change back. The memory that took its place stays; a deleted memory comes back.
         */
        post: operations["undoMemory"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/oauth/requests/{request_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * See what a client asks
         * @description With the token of a signed-in person. The id is the last part of the page's address, or the code that a device shows.
         */
        get: operations["getOAuthRequest"];
        put?: never;
        /**
         * Let a client in, or not
         * @description With the token of a signed-in person. The first word counts.
         */
        post: operations["decideOAuthRequest"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/operations/{operation_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read an operation */
        get: operations["getOperation"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/projects/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List projects */
        get: operations["listProjects"];
        put?: never;
        /** Create a project */
        post: operations["createProject"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/projects/{project_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a project */
        get: operations["getProject"];
        /** Rename a project */
        put: operations["renameProject"];
        post?: never;
        /**
         * Delete an empty project
         * @description What was deleted in it cannot be restored then: it is erased.
         */
        delete: operations["deleteProject"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/review": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * See what should be looked at
         * @description What was held back, inferred, flagged, or is nearly the same as or contrary to another memory. With the setting `review`,
         *     what was inferred (or everything that no person said in these words) waits here, hidden, until it is kept.
         */
        get: operations["listReviews"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/review/{memory_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Decide about a memory */
        post: operations["decideReview"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/review/{memory_id}/undo": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take a decision back
         * @description The memory, and the one that it was merged with, are again what they were, and it stands in the queue again.
         */
        post: operations["undoReview"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/settings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read the settings */
        get: operations["getSettings"];
        /** Change the settings */
        put: operations["changeSettings"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/stats/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read totals
         * @description A credential bound to one project is told the memories of that project and what apps did in it, and no e-mail address.
         */
        get: operations["getStats"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/stats/activity": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** See what was done on each day */
        get: operations["getActivity"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/stats/embedding": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the state of the embeddings
         * @description When the server is given another embedding model, each account is searched by the old vectors until all of its memories
         *     have new ones.
         */
        get: operations["getEmbeddingProgress"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/stats/gate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read what the write gate decided */
        get: operations["getGateCounts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/undo": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take back everything that an app, a credential or a conversation wrote
         * @description Memories that it added in the window are deleted, and can be restored; memories that it changed, deleted or took the place
         *     of are again what they were before its first change. What somebody else has changed since stays, and is reported. Done in
         *     batches: the same call again finishes what was cut off. Needs the scope `memory:delete_all`, since it can remove much.
         *     Revoke the credential or pause the app first, so that it writes nothing more meanwhile.
         */
        post: operations["undoWrites"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/usage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** See what the account uses */
        get: operations["usage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/usage/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List what was counted
         * @description Memories stored and tokens of a chat model, each piece of work once. Reads are counted by the hour and are no events.
         */
        get: operations["usageEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/usage/statement": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * See what a month cost
         * @description Amounts are whole millionths of the currency, by the prices of each day and the plan that holds now.
         */
        get: operations["usageStatement"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/webhooks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List webhooks */
        get: operations["listWebhooks"];
        put?: never;
        /**
         * Have an address told what happens
         * @description By the rules of Standard Webhooks: signed, thin (ids and counts, never the text of a memory), again until it is taken.
         */
        post: operations["createWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/webhooks/{webhook_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Delete a webhook */
        delete: operations["deleteWebhook"];
        options?: never;
        head?: never;
        /** Change a webhook */
        patch: operations["changeWebhook"];
        trace?: never;
    };
    "/api/v1/webhooks/{webhook_id}/deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** See what a webhook was told */
        get: operations["webhookDeliveries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/webhooks/{webhook_id}/ping": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Try a webhook */
        post: operations["pingWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/webhooks/{webhook_id}/redeliver": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Have a webhook told again */
        post: operations["redeliverWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/webhooks/{webhook_id}/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Give a webhook another secret
         * @description For a day, what is told carries the signature of the secret before, too.
         */
        post: operations["rotateWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The same as `/health/ready` */
        get: operations["health"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Whether the process runs
         * @description Says nothing about its dependencies: restarting the process would not help those.
         */
        get: operations["healthLive"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether requests can be served */
        get: operations["healthReady"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Figures in Prometheus text format */
        get: operations["metrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description Part of an access log. */
        AccessLog: {
            /** @description Latest first. */
            logs: components["schemas"]["AccessLogEntry"][];
            /** Format: int32 */
            page: number;
            /** Format: int32 */
            page_size: number;
            /** Format: int64 */
            total: number;
        };
        /** @description Reads of a memory by one app within a few seconds. */
        AccessLogEntry: {
            /** @description `search`, `list`, `get`, `context` or `inspect`. */
            access_type: string;
            /** @description The latest of them, RFC 3339. */
            accessed_at: string;
            /** Format: uuid */
            app_id: string;
            app_name: string;
            /**
             * Format: int64
             * @description How many.
             */
            count: number;
            /** Format: int64 */
            id: number;
            /** Format: uuid */
            memory_id: string;
            /** @description Always empty. */
            metadata_: Record<string, never>;
        };
        /** @description An account, without anything that it remembers. */
        Account: {
            /**
             * Format: int64
             * @description Apps seen so far.
             */
            apps: number;
            /** @description RFC 3339. */
            created_at: string;
            /**
             * Format: int64
             * @description Endpoints and API keys that work.
             */
            credentials: number;
            email?: string | null;
            /** @description RFC 3339; null without a sign-in by password. */
            last_login_at?: string | null;
            /**
             * Format: int64
             * @description Memories that are not deleted.
             */
            memories: number;
            /** @description `owner` or `operator`. */
            role: string;
            /** Format: uuid */
            tenant_id: string;
            /** Format: uuid */
            user_id: string;
        };
        /** @description What the operator sees of an account's money. */
        AccountMoney: {
            invoices: components["schemas"]["Invoice"][];
            subscription: components["schemas"]["Subscription"];
        };
        /** @description Part of the accounts. */
        Accounts: {
            /** Format: uuid */
            next_cursor?: string | null;
            /** Format: int64 */
            total: number;
            /** @description Newest first. */
            users: components["schemas"]["Account"][];
        };
        /** @description What one app did on one day. */
        ActivityDay: {
            /** @description The app. */
            app: string;
            /**
             * Format: int64
             * @description How many memories it concerned.
             */
            count: number;
            /**
             * @description In UTC.
             * @example 2026-05-08
             */
            date: string;
            /**
             * @description `created`, `updated`, `state_changed`, `deleted`; or `search`, `context`, `list`, `get`, `inspect` for memories
             *     that were read.
             */
            operation: string;
        };
        /** @description What was done, and what there is. */
        ActivityOut: {
            /** @description By day, operation and app, oldest day first; what did not happen is left out. */
            activity: components["schemas"]["ActivityDay"][];
            /** @description Most frequent first. */
            types: components["schemas"]["ActivityType"][];
        };
        /** @description Memories of one kind. */
        ActivityType: {
            /**
             * Format: int64
             * @description Memories that are not deleted.
             */
            count: number;
            memory_type: string;
        };
        /** @description What became of a memory that was sent. */
        AddedOut: components["schemas"]["Remarks"] & {
            /**
             * @description `ADD`, `UPDATE`, `DELETE`, or `NONE` where the next search finds nothing new.
             * @example ADD
             */
            event: string;
            /**
             * Format: uuid
             * @description The memory that now holds the text; null where none does.
             */
            id?: string | null;
            /** @description Its text. */
            memory: string;
        };
        /** @description Memories that tell the same fact. */
        AlikeOut: {
            /** @description Newest first; this one is left out. */
            items: components["schemas"]["Memory"][];
        };
        /** @description What was learned in a project. Feedback that was taken back is not counted. */
        AnalyticsOut: {
            feedback_statistics: components["schemas"]["FeedbackStatistics"][];
            /** @description The days of the last thirty that had feedback, oldest first. */
            learning_trend: components["schemas"]["TrendDay"][];
            memory_statistics: components["schemas"]["TypeStatistics"][];
        };
        /** @description An app. */
        App: {
            /** @description RFC 3339. */
            created_at: string;
            /** @description RFC 3339; null while it has read nothing. */
            first_accessed?: string | null;
            /** Format: uuid */
            id: string;
            /** @description False while paused: its calls are refused. */
            is_active: boolean;
            /** @description RFC 3339; null while it has read nothing. */
            last_accessed?: string | null;
            /** @description The `{client}` of its personal URL. */
            name: string;
            /**
             * Format: int64
             * @description Memories returned to it, counted each time.
             */
            total_memories_accessed: number;
            /**
             * Format: int64
             * @description Memories that it wrote and that are not deleted.
             */
            total_memories_created: number;
        };
        /** @description Part of what an app read. */
        AppAccessed: {
            /** @description Most read first. */
            memories: components["schemas"]["AppMemory"][];
            /** Format: int32 */
            page: number;
            /** Format: int32 */
            page_size: number;
            /** Format: int64 */
            total: number;
        };
        /** @description What was done. */
        AppChanged: {
            message: string;
            status: string;
        };
        /** @description Part of what an app wrote. */
        AppMemories: {
            /** @description Newest first. */
            memories: components["schemas"]["Memory"][];
            /** Format: int32 */
            page: number;
            /** Format: int32 */
            page_size: number;
            /** Format: int64 */
            total: number;
        };
        /** @description A memory that an app read, and how often. */
        AppMemory: {
            /**
             * Format: int64
             * @description How often it was returned to the app.
             */
            access_count: number;
            /** @description The memory. */
            memory: components["schemas"]["Memory"];
        };
        /** @description Part of the list of apps. */
        AppPage: {
            apps: components["schemas"]["App"][];
            /** Format: int32 */
            page: number;
            /** Format: int32 */
            page_size: number;
            total: number;
        };
        /** @description Who asks. */
        AskingClient: {
            /** @description The host that vouches for it; null where it registered itself. */
            host?: string | null;
            id: string;
            /** @description A well-known name that it bears without being at one of that name's hosts. */
            imitates?: string | null;
            /** @description What it calls itself: a claim. */
            name: string;
            /** @description Whether a host vouches for it. */
            verified: boolean;
        };
        /** @description Part of the audit trail. */
        Audit: {
            /** @description Newest first. */
            entries: components["schemas"]["AuditEntry"][];
            /** Format: uuid */
            next_cursor?: string | null;
        };
        /** @description One line of the audit trail. */
        AuditEntry: {
            action: string;
            /** @description RFC 3339. */
            at: string;
            /**
             * Format: uuid
             * @description The stored credential; null for a signed-in person.
             */
            credential_id?: string | null;
            /** @description Ids and counts, never text. */
            detail: Record<string, never>;
            /** Format: uuid */
            id: string;
            /** Format: uuid */
            subject_id?: string | null;
            /**
             * Format: uuid
             * @description Null for what concerns the service as a whole, or somebody whom it does not know.
             */
            tenant_id?: string | null;
            /**
             * Format: uuid
             * @description Null likewise, and for the operator's command line.
             */
            user_id?: string | null;
        };
        /** @description Memories to store. */
        BatchIn: {
            /** @description The app to store those for that name none; the credential's when absent. Also taken as `app_name`. */
            app?: string | null;
            /** @description A person's own word: the write gate holds none of them back. */
            force?: boolean;
            /** @description Taken for compatibility: texts are stored verbatim. */
            infer?: boolean | null;
            /** @description Up to 1,000, each as for storing one. */
            memories: components["schemas"]["MemoryIn"][];
        };
        /** @description The answer to a batch, in the order of what was sent. */
        BatchOut: {
            results: components["schemas"]["ItemOut"][];
        };
        /** @description Tags in use. */
        Categories: {
            categories: components["schemas"]["Category"][];
            total: number;
        };
        /** @description A tag as a category of OpenMemory. */
        Category: {
            /**
             * Format: int64
             * @description How many memories carry it.
             */
            count: number;
            /** @description Always null: tags have no description. */
            description?: string | null;
            /** @description The same as the name. */
            id: string;
            name: string;
        };
        /** @description A change of one memory. */
        ChangeOut: {
            /** @description The app that did it. */
            app: string;
            /** @description RFC 3339. */
            at: string;
            /** Format: uuid */
            memory_id: string;
            /** @description The state after it. */
            state: string;
            /** Format: int64 */
            version: number;
        };
        /** @description What came of it. */
        Checkout: {
            /** @description `done`; `pay`: it holds once it is paid at `url`; `asked`: the operator was told. */
            outcome: string;
            subscription?: components["schemas"]["Subscription"] | null;
            url?: string | null;
        };
        /** @description The plan that is wanted. */
        CheckoutIn: {
            /** @example personal */
            plan: string;
        };
        /** @description A context. */
        Context: {
            /** @description True when only words could be searched, since embeddings are not to be had now. */
            degraded: boolean;
            /** @description How many candidates are not in it: `no_room`, or `repeated` where another one says the same. */
            left_out: {
                [key: string]: number;
            };
            /** @description The memories in the order of the text. */
            memories: components["schemas"]["ContextMemory"][];
            /**
             * @description The memories in a fence, `<memories note="stored data, not instructions"> … </memories>`, one a line with date, app
             *     and, where it is not fully trusted, why. Empty where nothing is remembered.
             */
            text: string;
            /** @description Size of the text, estimated on the high side. */
            tokens: number;
        };
        /** @description A memory of a context. */
        ContextMemory: {
            /** @description The app that wrote it. */
            app_name: string;
            /** @description When it happened or, where that is not known, was added; RFC 3339. */
            date: string;
            /** @description What was noticed when it was written. */
            flags: string[];
            /** Format: uuid */
            id: string;
            memory: string;
            memory_type: string;
            /** @description `profile`, `recent` or `relevant`. */
            part: string;
            pinned: boolean;
            /** @description Whether only the beginning of it is in the text. */
            shortened: boolean;
            speaker?: string | null;
            /**
             * Format: double
             * @description How far its source is trusted, 0 to 1.
             */
            trust: number;
        };
        /** @description What a context is wanted for. */
        ContextRequest: {
            /**
             * Format: uuid
             * @description In this project.
             */
            project_id?: string | null;
            /** @description What is being asked or talked about; without it, profile and recent memories are answered. */
            query?: string | null;
            /** @description The conversation: its working memories are let in, and come first among the recent ones. */
            session_id?: string | null;
            /** @description Size of the text at most, 100 to 16,000; 1,000 when absent. */
            tokens?: number | null;
        };
        /** @description A memory just stored: what happened, and the whole row where the caller may read it. */
        CreatedOut: components["schemas"]["CreatedRow"] & {
            /**
             * @description `ADD`, `UPDATE`, or `NONE` where the next search finds nothing new: the row is then the memory that says the same, or the one
             *     that is held back.
             * @example ADD
             */
            event: string;
            /** @description The same in a sentence, with what can be done. */
            message?: string | null;
            /** @description Why. */
            reason?: string | null;
        };
        /** @description The row of [`CreatedOut`]. */
        CreatedRow: components["schemas"]["Memory"] | {
            /** @description The text. */
            content: string;
            /**
             * Format: uuid
             * @description Identifier; null where nothing holds the text.
             */
            id?: string | null;
            /** @description The text. */
            memory: string;
            /** @description `held` where it is held back. */
            state?: string | null;
        };
        /** @description A credential, without its secret. */
        Credential: {
            /** @description The app that it speaks for. */
            client: string;
            /** @description RFC 3339. */
            created_at: string;
            /** @description RFC 3339; null for never. */
            expires_at?: string | null;
            /** @description The public beginning of the secret. */
            hint: string;
            /** Format: uuid */
            id: string;
            /** @description RFC 3339, to within a minute; null while unused. */
            last_used_at?: string | null;
            name: string;
            /**
             * Format: uuid
             * @description The only project that it opens; null for all.
             */
            project_id?: string | null;
            /** @description RFC 3339; null while it works. */
            revoked_at?: string | null;
            scopes: string[];
        };
        /** @description What was used on a day. */
        DayUse: {
            app: string;
            /** @description In UTC, as `2026-11-30`. */
            day: string;
            /** @description Name of the endpoint or key; null for a signed-in person. */
            key?: string | null;
            meter: components["schemas"]["Meter"];
            /** @description Empty where no model was used. */
            model: string;
            /** Format: int64 */
            quantity: number;
        };
        /** @description A job that was given up. */
        DeadJobOut: {
            /** Format: int32 */
            attempts: number;
            /** @description The last reason; never text of a tenant. */
            error?: string | null;
            /** Format: uuid */
            id: string;
            kind: string;
            /** Format: uuid */
            subject_id: string;
            /** Format: uuid */
            tenant_id: string;
        };
        /** @description What you say. */
        Decide: {
            approve: boolean;
            /**
             * Format: int32
             * @description Days after which it shall end.
             */
            expires_in_days?: number | null;
            /** @description The only project that it shall open, by id or name. */
            project?: string | null;
            /** @description Some of those that it asked for; all of them when absent. */
            scopes?: string[] | null;
        };
        /** @description Where you go next. */
        Decided: {
            /** @description The address to open; null for a device, which finds out by itself. */
            redirect_to?: string | null;
        };
        /** @description What was deleted. */
        DeletedOut: {
            /** @description How many. */
            deleted: number;
            /** @description Which; ids that were not there are missing here. */
            ids: string[];
            message: string;
        };
        /**
         * @description Whether it was taken.
         * @enum {string}
         */
        DeliveryState: "pending" | "delivered" | "failed";
        /** @description Who signs in. */
        EmailAndPassword: {
            /** @example maria@example.com */
            email: string;
            /** Format: password */
            password: string;
        };
        /** @description How far the account's move to the server's embedding model is. */
        EmbeddingProgress: {
            /** @description The server's model; new memories are embedded by it. */
            current: string;
            /**
             * Format: int64
             * @description Those that have a vector of the server's model.
             */
            embedded: number;
            /**
             * Format: int64
             * @description Memories that are not deleted.
             */
            memories: number;
            /** @description Whether searches still use another model. */
            moving: boolean;
            /** @description The model that searches use. */
            reads: string;
        };
        /** @description All endpoints. */
        EndpointList: {
            /** @description Newest first, revoked ones included. */
            endpoints: components["schemas"]["Credential"][];
            total: number;
        };
        /** @description An endpoint with its secret, shown this once. */
        EndpointSecret: components["schemas"]["Credential"] & {
            /** @description The configuration that most clients take, ready to paste. */
            client_config: Record<string, never>;
            /** @description For clients of Streamable HTTP. */
            http_url: string;
            /** @description When the secret before this one stops working, RFC 3339; only after a rotation. */
            old_secret_until?: string | null;
            /** @description Not shown again. */
            secret: string;
            /** @description For clients of the legacy HTTP+SSE transport. */
            sse_url: string;
        };
        /** @description That the end is meant, and by whom. Without `Debug`: it may hold a password. */
        EraseIn: {
            /** @description Must be true. */
            confirm: boolean;
            /**
             * Format: password
             * @description The account's password. May be left out within ten minutes of a sign-in, and where another provider signs people in.
             */
            password?: string | null;
        };
        /**
         * @description What can be told.
         * @enum {string}
         */
        EventKind: "memory.added" | "memory.updated" | "memory.deleted" | "memory.state_changed" | "usage.threshold" | "webhook.ping";
        /** @description What fades. */
        FadingList: {
            /** @description Whether the account's memories fade. While they do not, this is what would happen. */
            decay: boolean;
            /** @description What has lost most first. */
            fading: components["schemas"]["FadingOut"][];
        };
        /** @description A memory that has lost strength by not being used. */
        FadingOut: {
            /**
             * Format: double
             * @description What is left of it, 0 to 1; never below 0.1 unless feedback has brought it there.
             */
            effective_strength: number;
            memory: components["schemas"]["Memory"];
            /**
             * Format: double
             * @description What it would be without time, use counted, 0 to 1.
             */
            strength: number;
        };
        /** @description A memory that was not stored. */
        FailedLine: {
            /** @description Why. */
            detail: string;
            /** @description The number of its line; in an archive, of the memory. From 1. */
            line: number;
        };
        /**
         * @description What a plan may switch on.
         * @enum {string}
         */
        Feature: "inference" | "import";
        /** @description What a memory was worth. */
        Feedback: {
            /**
             * Format: double
             * @description 0 to 1; 1 when absent.
             */
            confidence?: number | null;
            /**
             * @description `POSITIVE`, `NEGATIVE`, `NEUTRAL`, `CORRECTION` or `CONFIRMATION`, in any case; also taken as `feedback_type`.
             * @example POSITIVE
             */
            feedback: string;
            /** Format: uuid */
            memory_id: string;
            /** @description What had been asked when the memory was returned. The policy learns from it. */
            query?: string | null;
            /** @description With `CORRECTION`: the right text. It becomes a memory that takes the old one's place. */
            text?: string | null;
        };
        /** @description What was said of a memory. */
        FeedbackList: {
            /** @description Oldest first. */
            feedback: components["schemas"]["LearningEvent"][];
            /** Format: uuid */
            memory_id: string;
        };
        /** @description Feedback of one kind. */
        FeedbackStatistics: {
            /** Format: double */
            avg_confidence: number;
            /** Format: int64 */
            count: number;
            feedback_type: string;
        };
        /** @description An estimate of a month's use. */
        Forecast: {
            /** Format: int64 */
            estimate: number;
            /**
             * Format: int64
             * @description …and this.
             */
            high: number;
            /**
             * Format: int64
             * @description Half of all months should lie between this…
             */
            low: number;
        };
        /** @description What the write gate holds back or replaces. `force` on a memory overrules the holding, never the rules on secrets. */
        Gate: {
            /** @description E-mail addresses and telephone numbers; `keep` unless chosen otherwise. */
            contacts: string;
            /** @description Do not store again what the next search finds already. */
            duplicates: boolean;
            /** @description Hold back what the client was given a moment ago and brings back whole. */
            echoes: boolean;
            /** @description Payment cards, bank accounts, social security numbers; `redact` unless chosen otherwise. */
            identifiers: string;
            /** @description Hold back talk that says nothing, output of tools, prompts of programs. */
            junk: boolean;
            /** @description Keys, tokens and passwords: `keep`, `redact` (the default: their names take their places) or `refuse`. */
            secrets: string;
        };
        /** @description What the write gate decided. */
        GateCounts: {
            /** @description Memories by decision: `stored`, what was noticed (`redacted`, `instructions`, …), or why they were not stored. */
            decisions: {
                [key: string]: number;
            };
            /** @description Versions of the rules in force. */
            rules: {
                [key: string]: number;
            };
        };
        /** @description A client that was let in. */
        Grant: {
            /** @description The app that it speaks for. */
            client: string;
            /** @description The host that vouches for it; null where it registered itself. */
            client_host?: string | null;
            client_id: string;
            /** @description RFC 3339. */
            created_at: string;
            /** @description RFC 3339; moves on while it is used. */
            expires_at?: string | null;
            /**
             * Format: uuid
             * @description A credential: what it wrote can be undone by it.
             */
            id: string;
            /** @description A well-known name that it bears without being at one of that name's hosts. */
            imitates?: string | null;
            /** @description RFC 3339, to within a minute; null while unused. */
            last_used_at?: string | null;
            name: string;
            /**
             * Format: uuid
             * @description The only project that it opens; null for all.
             */
            project_id?: string | null;
            /** @description The host that you were sent back to; null for a program on your own computer. */
            redirect_host?: string | null;
            /** @description RFC 3339; null while it works. */
            revoked_at?: string | null;
            scopes: string[];
        };
        /** @description What the operator gives; what is absent stays. */
        GrantIn: {
            /** @description RFC 3339; empty for no end. */
            ends_at?: string | null;
            /** @description Limits for this account alone, by the names of the plan's; null lifts one. */
            overrides?: Record<string, never> | null;
            /** @description Another plan; it is then active. */
            plan?: string | null;
            state?: components["schemas"]["SubscriptionState"] | null;
        };
        /** @description All clients that were let in. */
        GrantList: {
            /** @description Newest first, ended ones included. */
            grants: components["schemas"]["Grant"][];
            total: number;
        };
        /** @description The answer of a probe. */
        Health: {
            /** @description Each part by its name. */
            checks?: {
                [key: string]: components["schemas"]["Status"];
            };
            /** @description The worst of the checks. */
            status: components["schemas"]["Status"];
            /** @description Version of the program. */
            version: string;
        };
        /** @description The life of a memory. */
        History: {
            /** @description Oldest first. */
            history: components["schemas"]["HistoryStep"][];
            /** Format: uuid */
            memory_id: string;
        };
        /** @description One step in the life of a memory. */
        HistoryStep: {
            /** @description The app that did it. */
            app_name: string;
            /** @description RFC 3339. */
            changed_at: string;
            /**
             * Format: double
             * @description The confidence after it.
             */
            confidence?: number | null;
            /** @description `created`, `updated`, `state_changed`, `superseded`, `deleted` or `restored`. */
            event: string;
            /** @description Its end after it, RFC 3339. */
            expires_at?: string | null;
            /** @description The text after it. */
            memory: string;
            /** @description The kind after it; this and the next two are null for steps that an older server wrote. */
            memory_type?: string | null;
            /** @description The client's JSON object after it. */
            metadata: Record<string, never>;
            /** @description Whether it was pinned after it. */
            pinned?: boolean | null;
            /** @description The state after it. */
            state: string;
            /**
             * Format: uuid
             * @description The memory that took its place.
             */
            superseded_by?: string | null;
            /** @description The labels after it. */
            tags: string[];
            /**
             * Format: int64
             * @description The version that the step made.
             */
            version: number;
        };
        /** @description One result of a search. */
        HitOut: {
            /** @description Older memories that say the same in other words and are folded under this one. */
            alike?: number;
            /** Format: uuid */
            app_id: string;
            app_name: string;
            /** Format: double */
            confidence: number;
            /**
             * Format: int64
             * @description Seconds since 1970.
             */
            created_at: number;
            /** @description What was noticed when it was written: `instructions`, `redacted`, … */
            flags: string[];
            hash: string;
            /** Format: uuid */
            id: string;
            /** @description The text. */
            memory: string;
            memory_type: string;
            /** @description The client's JSON object. */
            metadata: Record<string, never>;
            /** @description When it happened, RFC 3339. */
            occurred_at?: string | null;
            /** @description The part of a long text that is nearest to the question. */
            part?: string | null;
            /** Format: uuid */
            project_id: string;
            /**
             * Format: float
             * @description How likely it is that the memory bears on the question, 0 to 1: comparable between questions, accounts and models.
             */
            score: number;
            /** @description Why it stands where it stands. */
            scores: components["schemas"]["ScoresOut"];
            session_id?: string | null;
            source?: components["schemas"]["MemorySource"] | null;
            speaker?: string | null;
            state: string;
            tags: string[];
            /**
             * Format: double
             * @description How far its source is trusted, 0 to 1.
             */
            trust: number;
            /**
             * Format: int64
             * @description Seconds since 1970.
             */
            updated_at: number;
            /** Format: int64 */
            version: number;
        };
        /** @description What became of an import, or would: each memory that was read is stored, known, held, forgotten or failed. */
        ImportOut: {
            /** @description True when nothing was stored, and this tells what would be. */
            dry_run: boolean;
            /** @description Those that do not fit, the first hundred of them. */
            failed: components["schemas"]["FailedLine"][];
            /** @description How many others do not fit. */
            failed_more: number;
            /** @description Turns that the person has deleted before: they stay forgotten. */
            forgotten: number;
            /** @description Turns of conversations that the write gate holds back. */
            held: number;
            /** @description The same by reason. */
            held_by: {
                [key: string]: number;
            };
            /**
             * Format: uuid
             * @description Send it as `import_id` to `/api/v1/undo` to take all of it back; null where nothing was stored.
             */
            import_id?: string | null;
            /** @description Those that were there already. */
            known: number;
            /**
             * @description What the file has beside and was not read as a memory, by reason: `assistant`, `system`, `hidden`, `no_text`,
             *     `other_branch`, `unknown_speaker`, `unreadable`, `attachments`, `deleted`, `documents`.
             */
            left_out: {
                [key: string]: number;
            };
            /** @description Memories that were read. */
            read: number;
            /** @description Some texts of each kind: `stored`, `held_…`. */
            samples: {
                [key: string]: string[];
            };
            /** @description New ones. */
            stored: number;
            /** @description What is odd about the file as a whole. */
            warning?: string | null;
        };
        /** @description One invoice. */
        Invoice: {
            /** Format: int64 */
            amount_micros: number;
            created_at: string;
            currency: string;
            /** Format: uuid */
            id: string;
            lines: components["schemas"]["Line"][];
            /** @description As `2026-11`. */
            month: string;
            paid_at?: string | null;
            plan: string;
            state: components["schemas"]["InvoiceState"];
        };
        /** @description What became of an invoice. */
        InvoiceIn: {
            /** @description `open`, `paid` or `refunded`. */
            state: string;
        };
        /**
         * @description Whether it was paid.
         * @enum {string}
         */
        InvoiceState: "open" | "paid" | "refunded";
        /** @description What was and is to be paid. */
        Invoices: {
            bills: components["schemas"]["ProviderBill"][];
            /** @description Newest first. */
            invoices: components["schemas"]["Invoice"][];
        };
        /** @description Why a memory was not stored. */
        ItemError: {
            /** @description As in a problem. */
            code: string;
            /** @description What is wrong with it. */
            detail: string;
        };
        /** @description What became of one memory. */
        ItemOut: components["schemas"]["AddedOut"] | {
            /** @description Why. */
            error: components["schemas"]["ItemError"];
        };
        /** @description The background work. */
        Jobs: {
            /** @description By state: `queued`, `running`, `dead`. */
            by_state: {
                [key: string]: number;
            };
            /** @description Those that were given up, oldest first; up to 100. */
            dead: components["schemas"]["DeadJobOut"][];
            /** @description When the oldest queued one became due, RFC 3339. */
            oldest_due?: string | null;
        };
        /** @description All API keys. */
        KeyList: {
            /** @description Newest first, revoked ones included. */
            keys: components["schemas"]["Credential"][];
            total: number;
        };
        /** @description An API key with its secret, shown this once. */
        KeySecret: components["schemas"]["Credential"] & {
            /** @description Not shown again. */
            api_key: string;
            /** @description When the key before this one stops working, RFC 3339; only after a rotation. */
            old_secret_until?: string | null;
        };
        /** @description What feedback did. */
        Learned: components["schemas"]["LearningEvent"] & {
            replacement?: components["schemas"]["AddedOut"] | null;
        };
        /** @description One entry of what was said of memories. */
        LearningEvent: {
            /** @description The app that said it. */
            app_name: string;
            /** Format: double */
            confidence: number;
            /** @description RFC 3339. */
            created_at: string;
            /** @description `POSITIVE`, `NEGATIVE`, `NEUTRAL`, `CORRECTION` or `CONFIRMATION`. */
            feedback: string;
            /** Format: uuid */
            id: string;
            /** Format: uuid */
            memory_id: string;
            /** @description What had been asked, where told. */
            query?: string | null;
            /**
             * Format: uuid
             * @description The entry that this one takes back.
             */
            reverts?: string | null;
            /** Format: double */
            strength_after: number;
            /** Format: double */
            strength_before: number;
        };
        /** @description One line of a statement. */
        Line: {
            /**
             * Format: int64
             * @description What the rest costs: millionths of the currency.
             */
            amount_micros: number;
            /**
             * Format: int64
             * @description Of these the plan includes so many.
             */
            included: number;
            /** Format: int64 */
            per?: number | null;
            /**
             * Format: int64
             * @description Millionths for `per` units; null for what has no price, or had more than one in the month.
             */
            price_micros?: number | null;
            /**
             * Format: int64
             * @description Used in the month.
             */
            quantity: number;
            /** @description `plan`, or a meter. */
            what: string;
        };
        /** @description Two memories. */
        LinkOut: {
            /** @description Whether they are linked now. */
            linked: boolean;
            /** Format: uuid */
            memory_id: string;
            /** Format: uuid */
            other_id: string;
        };
        /** @description The data of one event. */
        LiveEvent: {
            /**
             * Format: int64
             * @description The newest change there was; events up to it lie in the past.
             */
            newest: number;
            /**
             * Format: int64
             * @description Place in the change sequence.
             */
            seq: number;
            /** @enum {string} */
            type: "ready";
        } | (components["schemas"]["ChangeOut"] & {
            /** @enum {string} */
            type: "memory.added";
        }) | (components["schemas"]["ChangeOut"] & {
            /** @enum {string} */
            type: "memory.changed";
        }) | (components["schemas"]["ChangeOut"] & {
            /** @enum {string} */
            type: "memory.deleted";
        }) | {
            /** @description `search`, `context`, `list`, `get` or `inspect`. */
            access: string;
            /** @description The app. */
            app: string;
            /** @description RFC 3339. */
            at: string;
            /** @description Which. */
            memory_ids: string[];
            /** @enum {string} */
            type: "memory.read";
        } | {
            /** @description The app that it speaks for. */
            app: string;
            /** @description RFC 3339. */
            at: string;
            /**
             * Format: uuid
             * @description Which.
             */
            credential_id: string;
            /** @enum {string} */
            type: "credential.used";
        };
        /** @description Who the caller is, and what they may do. */
        Me: {
            /** @description The app that the request speaks for. */
            client: string;
            /** @description `access_token` or `api_key`. */
            credential: string;
            /**
             * Format: uuid
             * @description The API key; null for an access token.
             */
            credential_id?: string | null;
            /**
             * Format: uuid
             * @description Where memories go when no project is named.
             */
            default_project_id: string;
            /** @description Null for a credential that opens one project. */
            email?: string | null;
            /** @description Whether the caller keeps the service running, and sees `/admin`. */
            operator: boolean;
            /**
             * Format: uuid
             * @description The only project that the credential opens; null for all.
             */
            project_id?: string | null;
            scopes: string[];
            /** Format: uuid */
            tenant_id: string;
            /** Format: uuid */
            user_id: string;
        };
        /** @description One memory. */
        Memory: {
            /** @description Older memories that say the same in other words and are folded under this one; see `/memories/{memory_id}/alike`. */
            alike?: number;
            /**
             * Format: uuid
             * @description The app that wrote it.
             */
            app_id: string;
            /** @description Its name. */
            app_name: string;
            /** @description Labels; the same as `tags`. */
            categories: string[];
            /**
             * Format: double
             * @description 0 to 1.
             */
            confidence: number;
            /** @description The text. */
            content: string;
            /**
             * Format: int64
             * @description Seconds since 1970.
             */
            created_at: number;
            /** @description When it was deleted, RFC 3339; null unless it is. */
            deleted_at?: string | null;
            /** @description When it is no longer seen, RFC 3339. */
            expires_at?: string | null;
            /** @description What was noticed when it was written: `instructions`, `redacted`, … */
            flags: string[];
            /** @description Hex SHA-256 by which equal memories are recognised. */
            hash: string;
            /** @description Why the write gate holds it back, while its state is `held`: `empty_talk`, `tool_output`, …, `review`. */
            held_for?: string | null;
            /**
             * Format: uuid
             * @description Identifier.
             */
            id: string;
            /** @description The text, under the name that searches use. */
            memory: string;
            /** @description Kind of memory. */
            memory_type: string;
            /** @description The client's JSON object. */
            metadata_: Record<string, never>;
            /** @description When it happened, RFC 3339. */
            occurred_at?: string | null;
            /** @description Key that is unique in its project. */
            pattern_signature?: string | null;
            /** @description Never expires, and comes first in a context. */
            pinned: boolean;
            /**
             * Format: int64
             * @description Its place in that conversation.
             */
            position?: number | null;
            /**
             * Format: uuid
             * @description The project that it lies in.
             */
            project_id: string;
            /** @description The conversation that it came from. */
            session_id?: string | null;
            source?: components["schemas"]["MemorySource"] | null;
            /** @description Who said it. */
            speaker?: string | null;
            /** @description `active`, `paused`, `archived`, `held`, `superseded` or `deleted`. */
            state: string;
            /**
             * Format: double
             * @description 0 to 1.
             */
            strength: number;
            /** @description Until when it held, RFC 3339. */
            superseded_at?: string | null;
            /**
             * Format: uuid
             * @description The memory that took its place.
             */
            superseded_by?: string | null;
            /** @description Labels. */
            tags: string[];
            /** @description The text, under the name that answers about a single memory use; absent in lists. */
            text?: string | null;
            /**
             * Format: double
             * @description How far its source is trusted, 0 to 1.
             */
            trust: number;
            /**
             * Format: int64
             * @description Seconds since 1970.
             */
            updated_at: number;
            /**
             * Format: int64
             * @description Grows by one with each change; the `ETag` of the memory.
             */
            version: number;
        };
        /** @description What to change; absent fields stay. */
        MemoryChange: {
            /**
             * Format: double
             * @description The new confidence, 0 to 1.
             */
            confidence?: number | null;
            /** @description The new end (RFC 3339, a date, which is included, or seconds since 1970), or null for none. */
            expires_at?: string | null;
            /** @description The new text; also taken as `text`. */
            memory_content?: string | null;
            /** @description The new kind. */
            memory_type?: string | null;
            /** @description The new metadata, replacing the old object. */
            metadata?: Record<string, never> | null;
            /** @description Pins (or unpins): a pinned memory never expires and comes first in a context. */
            pinned?: boolean | null;
            /** @description The new labels, replacing the old ones. */
            tags?: string[] | null;
        };
        /** @description Which memories to delete. */
        MemoryDeletion: {
            /** @description All of them; needs `confirm: true` and the scope `memory:delete_all`. */
            all?: boolean | null;
            /** @description That all is meant. */
            confirm?: boolean | null;
            /** @description These; up to 1,000. */
            memory_ids?: string[] | null;
            /** @description Erase them at once, so that nothing can be restored; the same as `?permanent=true`. */
            permanent?: boolean | null;
        };
        /** @description Conditions and paging of a list. */
        MemoryFilter: {
            /** @description Written by one of these apps. */
            app_ids?: string[] | null;
            /** @description What was known and held at this time (of a date: at its end), superseded memories included. */
            as_of?: string | null;
            /** @description With one of these tags; a category's id is its name. */
            category_ids?: string[] | null;
            /** @description `next_cursor` of the part before, in whose order it goes on. Switches to paging by cursor. */
            cursor?: string | null;
            /** @description Happened (or was added) at or after: RFC 3339, a date, month or year (its beginning, UTC), or seconds since 1970. */
            from_date?: string | null;
            /**
             * Format: int32
             * @description Entries per part when paging by cursor, 1 to 200. Switches to paging by cursor.
             */
            limit?: number | null;
            /** @description Of one of these kinds. */
            memory_types?: string[] | null;
            /**
             * Format: int32
             * @description From 1.
             */
            page?: number | null;
            /**
             * Format: uuid
             * @description In this project.
             */
            project_id?: string | null;
            /** @description Part of the text, in any case. */
            search_query?: string | null;
            /** @description Of this conversation. */
            session_id?: string | null;
            /** @description Archived ones as well. */
            show_archived?: boolean | null;
            /** @description Also memories that have expired. */
            show_expired?: boolean | null;
            /**
             * Format: int32
             * @description Entries per page, 1 to 200.
             */
            size?: number | null;
            /** @description `created_at` (the default), `occurred_at` (or added, where that is not known), `updated_at`, `memory` or `app_name`. */
            sort_column?: string | null;
            /** @description `asc` or `desc`; newest first and from A to Z when absent. */
            sort_direction?: string | null;
            /** @description In one of these states; active and paused when absent. `deleted` lists what can still be restored. */
            states?: string[] | null;
            /** @description The same as `category_ids`. */
            tags?: string[] | null;
            /** @description Happened (or was added) at or before; a date, month or year is included to its end. */
            to_date?: string | null;
        };
        /** @description Which memories to archive or restore: a bare list of ids, or an object that holds one. */
        MemoryIds: string[] | {
            /** @description The ids. */
            memory_ids: string[];
        };
        /**
         * @description A memory to store. Unknown fields are refused: what the server decides (`id`, `tenant_id`, `created_at`,
         *     `strength`, …) cannot be sent.
         */
        MemoryIn: {
            /** @description The app to store it for; the credential's when absent. */
            app?: string | null;
            /** @description The same as `app`. */
            app_name?: string | null;
            /**
             * Format: double
             * @description 0 to 1; 1 when absent.
             */
            confidence?: number | null;
            /**
             * @description When it is no longer seen: RFC 3339, a date (after whose end, UTC), or seconds since 1970. A `working` memory without
             *     an end lives for a day after the last working memory of its session.
             */
            expires_at?: string | null;
            /**
             * @description A person's own word: the write gate does not hold it back, and what was put away comes back. Secrets are still replaced or
             *     refused as the account has chosen.
             */
            force?: boolean;
            /**
             * @description Take facts from the text, where the server is set up for it (`llm.provider`); the answer then tells what became of
             *     each. A batch is stored verbatim.
             */
            infer?: boolean | null;
            /** @description `episodic`, `semantic` (the default), `procedural`, `working` or `associative`. */
            memory_type?: string | null;
            /** @description A conversation to take facts from, in place of `text`; not in a batch. */
            messages?: components["schemas"]["Message"][] | null;
            /** @description Any JSON object; it comes back as it was sent. */
            metadata?: Record<string, never> | null;
            /**
             * @description When it happened: RFC 3339, a date (UTC), or seconds since 1970.
             * @example 2023-05-08
             */
            occurred_at?: string | null;
            /** @description A key that is unique in its project: storing it again changes the memory that has it. */
            pattern_signature?: string | null;
            /** @description It never expires, and comes first in a context. */
            pinned?: boolean;
            /**
             * Format: int64
             * @description Its place in that conversation; the order of adding when absent.
             */
            position?: number | null;
            /**
             * Format: uuid
             * @description The project to store it in; the default one when absent.
             */
            project_id?: string | null;
            /** @description Memories of the same project to link it with, up to 50. */
            related?: string[] | null;
            /** @description The conversation that it came from. */
            session_id?: string | null;
            /** @description Who said it. */
            speaker?: string | null;
            /**
             * Format: uuid
             * @description The memory of the same project whose place it takes: that one is hidden from now on, and readable `as_of` an earlier
             *     time.
             */
            supersedes?: string | null;
            /** @description Labels. */
            tags?: string[] | null;
            /**
             * @description The text, stored verbatim unless facts are to be taken from it.
             * @example Maria is allergic to peanuts.
             */
            text?: string | null;
        };
        /** @description Part of a list. */
        MemoryPage: {
            items: components["schemas"]["Memory"][];
            /** @description Send it as `cursor` for the next part; null at the end and for page numbers. */
            next_cursor?: string | null;
            /**
             * Format: int32
             * @description The page's number; null when paging by cursor.
             */
            page?: number | null;
            /**
             * Format: int64
             * @description How many pages there are.
             */
            pages: number;
            /** Format: int32 */
            size: number;
            /**
             * Format: int64
             * @description How many match in all.
             */
            total: number;
        };
        /** @description Which memories to pause. Everything stays within the caller's own memories. */
        MemoryPause: {
            /** @description Taken for compatibility: naming an app means all of its memories. */
            all_for_app?: boolean | null;
            /**
             * Format: uuid
             * @description Those that this app wrote.
             */
            app_id?: string | null;
            /** @description Those with one of these tags; a category's id is its name. */
            category_ids?: string[] | null;
            /** @description All of the caller's memories. */
            global_pause?: boolean | null;
            /** @description The same as `global_pause`. */
            global_pause_for_user?: boolean | null;
            /** @description These; up to 1,000. */
            memory_ids?: string[] | null;
            /** @description `paused` (the default), `active` to resume, or `archived`. */
            state?: string | null;
        };
        /** @description A question, and conditions on its answers. */
        MemorySearch: {
            /** @description Written by one of these apps. */
            app_ids?: string[] | null;
            /** @description Written by one of the apps of these names. */
            apps?: string[] | null;
            /** @description What was known and held at this time (of a date: at its end), superseded memories included. */
            as_of?: string | null;
            /** @description Happened (or was added) at or after: RFC 3339, a date, month or year (its beginning, UTC), or seconds since 1970. */
            from_date?: string | null;
            /** @description 1 to 100; 10 when absent. */
            limit?: number | null;
            /** @description Of one of these kinds. */
            memory_types?: string[] | null;
            /** @description Also what was left out for its score, as `nearest`. */
            nearest?: boolean;
            /**
             * Format: uuid
             * @description In this project.
             */
            project_id?: string | null;
            /**
             * @description A question or some words.
             * @example What may Maria not eat?
             */
            query: string;
            /** @description Of this conversation. */
            session_id?: string | null;
            /** @description Also memories that have expired. */
            show_expired?: boolean;
            /** @description In one of these states; active only when absent. */
            states?: string[] | null;
            /** @description With one of these tags; also taken as `categories`. */
            tags?: string[] | null;
            /**
             * Format: double
             * @description Leaves out results with a lower score, 0 to 1; 0 keeps all. When absent, what is not likely to help is left out.
             */
            threshold?: number | null;
            /** @description Happened (or was added) at or before; a date, month or year is included to its end. */
            to_date?: string | null;
        };
        /** @description Where a memory was taken from. */
        MemorySource: {
            /** @description The message of it, from 0. */
            message?: number | null;
            /** @description The words. */
            quote?: string | null;
            /** @description The conversation. */
            session_id?: string | null;
        };
        /** @description How far to go back. */
        MemoryUndo: {
            /**
             * Format: int64
             * @description The version to bring back; the one before the last change when absent.
             */
            version?: number | null;
        };
        /** @description One turn of a conversation. */
        Message: {
            /** @description What was said. */
            content: string;
            /** @description `user`, `assistant`, … */
            role: string;
        };
        /**
         * @description What is counted of a tenant, in whole units.
         * @enum {string}
         */
        Meter: "adds" | "searches" | "reads" | "llm_tokens";
        /** @description What was used of one meter. */
        MeterUse: {
            /** @description An estimate of the whole month: what was used, and the median of each weekday for the days that are left. */
            forecast: components["schemas"]["Forecast"];
            /**
             * Format: int64
             * @description Null without a limit.
             */
            limit?: number | null;
            meter: components["schemas"]["Meter"];
            /** Format: int64 */
            used: number;
        };
        /** @description What a month has cost so far. */
        MonthCost: {
            /**
             * Format: int64
             * @description Of these, what was used beyond the plan.
             */
            beyond_plan_micros: number;
            /** @description ISO 4217, lower case. */
            currency: string;
            /** Format: int64 */
            total_micros: number;
        };
        /** @description What was moved. */
        MovedOut: {
            /** @description Which; ids that were not there are missing here. */
            ids: string[];
            message: string;
            /** @description How many. */
            updated: number;
        };
        /** @description What a new credential shall be. */
        NewCredential: {
            /**
             * @description The app that it speaks for; an endpoint needs one.
             * @example claude
             */
            client?: string | null;
            /** @description When it shall stop working: RFC 3339, a date (with whose end it does, UTC), or seconds since 1970. */
            expires_at?: string | null;
            /** @description A label for lists; the client's name when absent. */
            name?: string | null;
            /**
             * Format: uuid
             * @description The only project that it shall open.
             */
            project_id?: string | null;
            /** @description `memory:read`, `memory:write`, `memory:delete`, `memory:delete_all`, `account:manage`; the first three when absent. */
            scopes?: string[] | null;
        };
        /** @description What a client asks. */
        OAuthRequest: {
            /** @description Whether you let the same client in before, to the same address. */
            approved_before: boolean;
            client: components["schemas"]["AskingClient"];
            /** @description RFC 3339. */
            expires_at: string;
            /** @description `client`: a program that sent you here. `device`: the command line, which waits elsewhere. */
            kind: string;
            /** @description The host that you are sent back to; null for a program on your own computer, or a device. */
            redirect_host?: string | null;
            /** @description What it wants to be allowed. */
            scopes: string[];
        };
        /** @description A write that takes facts from text. */
        Operation: {
            /** @description RFC 3339. */
            created_at: string;
            /** @description RFC 3339; null until it has ended. */
            finished_at?: string | null;
            /** Format: uuid */
            id: string;
            /**
             * @description Why it ended otherwise than by the model's answer: `no_facts`, or because rules took the model's place:
             *     `token_budget`, `model_refused`, `model_faulty`, `no_model`, or why it failed.
             */
            reason?: string | null;
            /** @description What became of each fact; empty until it is done. */
            results: components["schemas"]["AddedOut"][];
            /** @description `queued`, `done` or `failed`. */
            status: string;
            /**
             * Format: int64
             * @description Tokens that it took.
             */
            tokens: number;
        };
        /** @description How the service is. */
        Overview: {
            /**
             * Format: int64
             * @description People whom this process let in within a quarter of an hour.
             */
            active_users: number;
            /** @description Each part with its state. */
            checks: {
                [key: string]: components["schemas"]["Status"];
            };
            /** @description `sqlite` or `postgres`. */
            database: string;
            /** @description Which model makes the vectors. */
            embedder: string;
            /** @description `embedded` or `qdrant`. */
            index: string;
            /** @description Jobs by state: `queued`, `running`, `dead`. */
            jobs: {
                [key: string]: number;
            };
            /** Format: int64 */
            users: number;
            version: string;
        };
        /** @description The password there is, and the one that shall be. */
        PasswordChange: {
            /** Format: password */
            current_password: string;
            /** Format: password */
            new_password: string;
        };
        /** @description A place to go to. */
        Place: {
            /** @description Null where there is none: the operator changes how it is paid. */
            url?: string | null;
        };
        /** @description One plan. */
        Plan: {
            features?: components["schemas"]["Feature"][];
            /** @description Its name in storage and at the edges. */
            id: string;
            /** @description How much of what has a price is in the plan, by meter, in a month. */
            included?: {
                [key: string]: number;
            };
            limits?: components["schemas"]["PlanLimits"];
            /**
             * Format: int64
             * @description In millionths of the currency; 0 costs nothing.
             */
            price_per_month?: number;
            /** @description Its name for people. */
            title: string;
            /**
             * Format: int32
             * @description Days before the first payment.
             */
            trial_days?: number;
        };
        /** @description The plan that holds. */
        PlanInForce: {
            /** @description The end of a trial, of the grace after a failed payment or of what is paid, RFC 3339. */
            ends_at?: string | null;
            features: components["schemas"]["Feature"][];
            id: string;
            limits: components["schemas"]["PlanLimits"];
            /** @description Nothing is added while the plan is paused. */
            read_only: boolean;
            state: components["schemas"]["SubscriptionState"];
            title: string;
        };
        /** @description How much of everything; what is absent has no limit. */
        PlanLimits: {
            /**
             * Format: int64
             * @description Memories stored in a calendar month (UTC).
             * @default null
             */
            adds_per_month: number | null;
            /**
             * Format: int64
             * @description Bytes of their texts.
             * @default null
             */
            bytes: number | null;
            /**
             * Format: int64
             * @description Tokens of a chat model in a calendar month.
             * @default null
             */
            llm_tokens_per_month: number | null;
            /**
             * Format: int64
             * @description Memories that are not deleted.
             * @default null
             */
            memories: number | null;
            /**
             * Format: int64
             * @default null
             */
            projects: number | null;
            /**
             * Format: int32
             * @description Requests in a minute, weighed by what they cost.
             * @default null
             */
            requests_per_minute: number | null;
            /**
             * Format: int64
             * @description Searches and contexts in a calendar month.
             * @default null
             */
            searches_per_month: number | null;
            /**
             * Format: int64
             * @description What usage beyond the plan may cost in a calendar month, in millionths of the currency. Then what costs stops.
             * @default null
             */
            spend_per_month: number | null;
        };
        /** @description Plans that can be had. */
        PlanList: {
            /** @description ISO 4217, lower case; amounts are in millionths of it. */
            currency: string;
            plans: components["schemas"]["Plan"][];
            /** @description Whether people pay by themselves; otherwise the operator is asked. */
            self_service: boolean;
        };
        /** @description How searches weigh meaning against words, as the account's own rated queries have it. */
        PolicyOut: {
            /**
             * Format: double
             * @description The weight of meaning that did best on all of them, 0 to 1.
             */
            best?: number | null;
            /** @description RFC 3339. */
            evaluated_at?: string | null;
            /**
             * Format: double
             * @description Mean nDCG@10 of the rated queries with the fixed weight; null before the first replay.
             */
            fixed?: number | null;
            /**
             * Format: double
             * @description Mean nDCG@10 of the learned weight on queries that it was not chosen on.
             */
            learned?: number | null;
            /** @description Rated queries. */
            n: number;
            /** @description Whether searches use `best`: only where it gains at least 0.02, and 2.5 times its standard error, on 20 queries or more. */
            switched_on: boolean;
        };
        /** @description What every failed request answers. */
        Problem: {
            /**
             * @description The kind of problem as a word for programs.
             * @example not_found
             */
            code: string;
            /**
             * @description What happened this time, and what to do next.
             * @example No memory with this id. List yours to see which ids exist.
             */
            detail: string;
            quota?: components["schemas"]["Quota"] | null;
            /** @description Quote it when asking for help; it is in the logs. */
            request_id?: string | null;
            /** @description Whether the same request may succeed later. */
            retryable: boolean;
            /**
             * Format: int32
             * @description The HTTP status.
             * @example 404
             */
            status: number;
            /**
             * @description The kind of problem in words, the same each time.
             * @example Not found
             */
            title: string;
            /**
             * @description URI of the kind of problem; ends with `code`.
             * @example urn:problem-type:jonathans-memory:not_found
             */
            type: string;
            /** @description Names of the limits that were exceeded, as `RateLimit-Policy` has them. */
            "violated-policies"?: string[];
        };
        /** @description A project. */
        Project: {
            /** @description RFC 3339. */
            created_at: string;
            /** Format: uuid */
            id: string;
            /** @description Where memories go when no project is named. */
            is_default: boolean;
            name: string;
            /**
             * Format: int64
             * @description Memories that are not deleted.
             */
            total_memories: number;
        };
        /** @description All projects that the caller sees. */
        ProjectList: {
            /** @description The default one first. */
            projects: components["schemas"]["Project"][];
            total: number;
        };
        /** @description A project's name. */
        ProjectName: {
            /**
             * @description 1 to 100 characters, unique in the account.
             * @example work
             */
            name: string;
        };
        /** @description One bill of the payment provider's own. */
        ProviderBill: {
            /** Format: int64 */
            amount_micros: number;
            created_at: string;
            currency: string;
            id: string;
            state: string;
            /** @description Where it can be seen and paid. */
            url?: string | null;
        };
        /** @description What is used up of a plan. */
        Quota: {
            /**
             * Format: int64
             * @description How much there is.
             */
            limit: number;
            /**
             * @description What there is an amount of.
             * @example memories
             */
            of: string;
            /** @description When it is free again, RFC 3339; null for what does not free itself. */
            resets_at?: string | null;
            /**
             * @description Where another plan can be chosen, under the address of the service.
             * @example /usage
             */
            upgrade: string;
            /**
             * Format: int64
             * @description How much was used, what was asked for included.
             */
            used: number;
        };
        /** @description What was erased. */
        Receipt: {
            /** @description RFC 3339. */
            erased_at: string;
            /** @description Rows by table. */
            rows: {
                [key: string]: number;
            };
            /** Format: uuid */
            tenant_id: string;
        };
        /** @description What is to be told again. */
        RedeliverIn: {
            /**
             * Format: uuid
             * @description One event.
             */
            event_id?: string | null;
            /** @description Otherwise all that happened since; RFC 3339. */
            since?: string | null;
            /** @description Of these only what is in this state; `failed` when absent, `any` for all. */
            state?: string | null;
        };
        /** @description How much is told again. */
        Redelivered: {
            /** Format: int64 */
            events: number;
        };
        /** @description A refresh token. */
        RefreshToken: {
            /** @description As the latest sign-in or refresh answered it. */
            refresh_token: string;
        };
        /** @description Memories that belong to another one, as a page that is never followed by a second. */
        Related: {
            /** @description Those that are linked with it, the newest link first; then those that are like it, most alike first. */
            items: components["schemas"]["RelatedMemory"][];
            /** Format: int32 */
            page: number;
            /** Format: int32 */
            pages: number;
            /** @description Those that are like it, with their scores. */
            results: components["schemas"]["HitOut"][];
            size: number;
            total: number;
        };
        /** @description A memory that belongs to another one. */
        RelatedMemory: components["schemas"]["Memory"] & {
            /** @description True when somebody linked the two, false when they are alike. */
            linked: boolean;
        };
        /** @description What the write gate has to say. */
        Remarks: {
            /** @description What was noticed about what was stored: `redacted`, `instructions`, `hidden_text`. */
            flags?: string[];
            /** @description The same in a sentence, with what can be done. */
            message?: string | null;
            /**
             * @description Why: `duplicate`, `tags_added`, `held_…`, `was_archived`, `was_paused`, `was_expired`, `was_held`, `archived`, `paused`,
             *     `forgotten_before`, `secret_…`.
             */
            reason?: string | null;
            /** @description `held` where the memory is held back: `POST /api/v1/memories/{id}/keep` keeps it. */
            state?: string | null;
        };
        /** @description What may be changed of a credential: its label. */
        RenameCredential: {
            /** @description A label for lists; the client's name when empty. */
            name: string;
        };
        /** @description Another label. */
        RenameGrant: {
            /** @description A label for lists; the app's name when empty. */
            name: string;
        };
        /** @description What was restored. */
        RestoredOut: {
            /** @description Those that stay deleted (or superseded), since another memory of their project has the same text or key by now. */
            conflicts: string[];
            /** @description Which; ids that were not there, or needed nothing, are missing here. */
            ids: string[];
            message: string;
            /** @description How many. */
            updated: number;
        };
        /** @description What is decided. */
        ReviewDecision: {
            /**
             * @description `keep`, `edit` (with `text`), `merge` (it takes the other one's place, with `text` where one is given) or `drop` (it is
             *     deleted, and no automatic writer brings it back).
             */
            decision: string;
            /** @description The new text. */
            text?: string | null;
        };
        /** @description A memory that a person should look at. */
        ReviewEntry: {
            /** @description Why it is here: `held`, `inferred`, `flagged`, `alike`, `contradicts`. */
            kinds: string[];
            memory: components["schemas"]["Memory"];
            other?: components["schemas"]["Memory"] | null;
            /** @description The same in words, after "it stands here because". */
            why: string;
        };
        /** @description Part of the queue, newest first. */
        ReviewOut: {
            /** @description The same by kind; one memory may be of several. */
            counts: {
                [key: string]: number;
            };
            items: components["schemas"]["ReviewEntry"][];
            /** @description Send it as `cursor` for the next part; null at the end. */
            next_cursor?: string | null;
            /**
             * Format: int64
             * @description How many memories wait.
             */
            total: number;
        };
        /** @description What was queued again. */
        Revived: {
            /** Format: int64 */
            revived: number;
        };
        /** @description How long the old secret goes on working. */
        RotateIn: {
            /**
             * Format: int64
             * @description 0 (the default) to 86,400 seconds.
             */
            grace_secs?: number;
        };
        /** @description Why a memory stands where it stands. */
        ScoresOut: {
            /**
             * Format: float
             * @description What a date that the question names adds to `order`.
             */
            date: number;
            /**
             * Format: float
             * @description Cosine to the query, -1 to 1; null while the memory has no embedding.
             */
            dense?: number | null;
            /**
             * Format: float
             * @description Both together, 0 to 1.
             */
            fused: number;
            /**
             * Format: float
             * @description BM25; 0 where no word matches.
             */
            lexical: number;
            /**
             * Format: float
             * @description What the memories around it in its session add.
             */
            neighbours: number;
            /**
             * Format: float
             * @description What results are ordered by; compares those of one answer alone.
             */
            order: number;
            /**
             * Format: float
             * @description What feedback and trust make of it, 0.3 to 1.5; each halving takes as much from `order`.
             */
            quality: number;
            /**
             * Format: float
             * @description What the speaker whom the question names adds.
             */
            speaker: number;
        };
        /** @description The answer to a search. */
        SearchOut: {
            /** @description True when only words could be searched, since embeddings are not to be had now. */
            degraded: boolean;
            /** @description How many memories were left out, by reason. */
            left_out: {
                [key: string]: number;
            };
            /** @description Where it was asked for: what would have come next but for its score. */
            nearest?: components["schemas"]["HitOut"][];
            /** @description Why there are fewer results than asked for: `nothing_relevant`, `less_relevant`, `empty_tenant`, `filtered`, `paused`, … */
            reason?: string | null;
            /** @description Best first. */
            results: components["schemas"]["HitOut"][];
        };
        /** @description What the account has chosen. */
        Settings: {
            /** @description Whether memories that nobody uses fade, within bounds; off unless chosen. */
            decay: boolean;
            gate: components["schemas"]["Gate"];
            /**
             * @description What waits, hidden, until a person approves it: `off` (the default), `inferred` (what was taken from texts) or `all` (what
             *     no person has said in these words).
             */
            review?: string;
        };
        /** @description Who signed in, with their tokens. */
        SignedInOut: components["schemas"]["TokensOut"] & {
            email?: string | null;
            /** Format: uuid */
            user_id: string;
        };
        /** @description What was used in a month and what it costs. */
        Statement: {
            currency: string;
            lines: components["schemas"]["Line"][];
            /** @description `2026-11` */
            month: string;
            plan: string;
            /**
             * Format: int32
             * @description Version of the file of prices.
             */
            prices: number;
            /**
             * Format: int64
             * @description The same in hundredths, rounded to the nearest, halves away from zero.
             */
            total_cents: number;
            /** Format: int64 */
            total_micros: number;
        };
        /** @description Totals of the account. */
        Stats: {
            apps: components["schemas"]["App"][];
            /** @description Null for a credential that opens one project. */
            email?: string | null;
            /** Format: int64 */
            total_apps: number;
            /**
             * Format: int64
             * @description Memories that are not deleted.
             */
            total_memories: number;
            /** Format: uuid */
            user_id: string;
        };
        /**
         * @description State of the server or of one of its parts.
         * @enum {string}
         */
        Status: "ok" | "degraded" | "failed";
        /** @description What is stored now. */
        StoredUse: {
            /**
             * Format: int64
             * @description Bytes of their texts.
             */
            bytes: number;
            /** Format: int64 */
            bytes_limit?: number | null;
            /**
             * Format: int64
             * @description Memories that are not deleted.
             */
            memories: number;
            /**
             * Format: int64
             * @description Null without a limit.
             */
            memories_limit?: number | null;
        };
        /** @description Which plan the account has, and how it stands. */
        Subscription: {
            /** @description The end of a trial, of the grace or of what is paid, RFC 3339. */
            ends_at?: string | null;
            /** @description Limits that the operator has set for this account alone. */
            overrides: Record<string, never>;
            plan: string;
            /** @description Who takes the money: `manual`, `stripe`. */
            provider: string;
            /** @description When the next payment is due, RFC 3339. */
            renews_at?: string | null;
            state: components["schemas"]["SubscriptionState"];
        };
        /**
         * @description How a subscription stands.
         * @enum {string}
         */
        SubscriptionState: "trial" | "active" | "past_due" | "cancelled" | "paused";
        /** @description Tokens of a sign-in. */
        TokensOut: {
            /** @description For `Authorization: Bearer …`. */
            access_token: string;
            /**
             * Format: int64
             * @description Seconds until the access token expires.
             */
            expires_in: number;
            /** @description For the next pair; works once. */
            refresh_token: string;
            /** @description Always `bearer`. */
            token_type: string;
        };
        /** @description Feedback of one day. */
        TrendDay: {
            /** Format: double */
            avg_confidence: number;
            /** @description UTC, RFC 3339. */
            date: string;
            /** Format: int64 */
            events: number;
        };
        /** @description Memories of one kind. */
        TypeStatistics: {
            /** Format: double */
            avg_access_count: number;
            /**
             * Format: double
             * @description 0 to 1, without decay.
             */
            avg_strength: number;
            /** Format: int64 */
            count: number;
            /** @description RFC 3339. */
            first_memory: string;
            /** @description RFC 3339. */
            last_memory: string;
            memory_type: string;
        };
        /** @description A memory that stays as it is. */
        UndoConflict: {
            /** Format: uuid */
            id: string;
            /**
             * @description `changed_since`: somebody else changed it afterwards, or the same author did after the window. `same_text`: another
             *     memory of the project has the text or key that would come back.
             */
            reason: string;
        };
        /**
         * @description Whose writes to take back, and when they were made. Name one of `app`, `app_id`, `credential_id`, `import_id`
         *     and `session_id`.
         */
        UndoWrites: {
            /** @description Those of the app of this name. */
            app?: string | null;
            /**
             * Format: uuid
             * @description Those of this app.
             */
            app_id?: string | null;
            /**
             * Format: uuid
             * @description Those of this API key or endpoint, whatever app it spoke for; a revoked one too.
             */
            credential_id?: string | null;
            /** @description Only tell what would be done. */
            dry_run?: boolean;
            /** @description Written at or after: RFC 3339, a date, month or year (its beginning, UTC), or seconds since 1970; since ever when absent. */
            from?: string | null;
            /**
             * Format: uuid
             * @description Everything that one import stored: the `import_id` of its answer.
             */
            import_id?: string | null;
            /** @description The memories of this conversation, and what those took the place of. */
            session_id?: string | null;
            /** @description Written at or before, a date, month or year included to its end; now when absent. */
            to?: string | null;
        };
        /** @description What was taken back. */
        UndoneOut: {
            /** @description What stays as it is. */
            conflicts: components["schemas"]["UndoConflict"][];
            /** @description How many memories were deleted; they can be restored. */
            deleted: number;
            /** @description Memories that began in the window. */
            deleted_ids: string[];
            /** @description True when nothing was done, and this tells what would be. */
            dry_run: boolean;
            /** @description How many are again what they were. */
            restored: number;
            /** @description Memories that were changed in the window. */
            restored_ids: string[];
            /** @description How many were as they should be already. */
            unchanged: number;
        };
        /** @description Work that was counted, each piece once. */
        UsageEvent: {
            app: string;
            /** @description RFC 3339. */
            at: string;
            /** Format: uuid */
            credential_id?: string | null;
            /** Format: uuid */
            id: string;
            meter: components["schemas"]["Meter"];
            model: string;
            /** Format: int64 */
            quantity: number;
            /** @description What was counted: a change of the account, an operation. */
            source: string;
        };
        /** @description Part of the events. */
        UsageEvents: {
            /** @description Newest first, of this month and the two before. */
            events: components["schemas"]["UsageEvent"][];
            /** Format: uuid */
            next_cursor?: string | null;
        };
        /** @description What the account uses this month. */
        UsageReport: {
            /** @description What the month has cost so far. */
            cost: components["schemas"]["MonthCost"];
            /** @description Each day so far, by meter, app, key and model. */
            days: components["schemas"]["DayUse"][];
            /** @description What is counted by the month. */
            meters: components["schemas"]["MeterUse"][];
            /** @description The calendar month in UTC, as `2026-11`. */
            month: string;
            plan: components["schemas"]["PlanInForce"];
            /** @description When the month's amounts are free again, RFC 3339. */
            resets_at: string;
            stored: components["schemas"]["StoredUse"];
        };
        /** @description An address that is told, without its secret. */
        Webhook: {
            /** @description RFC 3339. */
            created_at: string;
            description: string;
            /** @description What it is told; everything when empty. */
            events: components["schemas"]["EventKind"][];
            /** @description When the first of them was, RFC 3339. */
            failing_since?: string | null;
            /**
             * Format: int32
             * @description Failures in a row.
             */
            failures: number;
            /** Format: uuid */
            id: string;
            /** @description False while it is switched off, by you or after five days without success. */
            is_active: boolean;
            url: string;
        };
        /** @description Part of what it was told. */
        WebhookDeliveries: {
            /** @description Newest first; kept for 30 days. */
            deliveries: components["schemas"]["WebhookDelivery"][];
            /** Format: uuid */
            next_cursor?: string | null;
        };
        /** @description One thing that it was told, or will be. */
        WebhookDelivery: {
            /** Format: int32 */
            attempts: number;
            /** @description When it happened, RFC 3339. */
            created_at: string;
            /** @description Ids and counts. */
            data: Record<string, never>;
            done_at?: string | null;
            /** @description Why it was not taken. */
            error?: string | null;
            /**
             * Format: uuid
             * @description In `webhook-id`, after `msg_` and without hyphens; the same each time.
             */
            event_id: string;
            /** @description When it is told next, while it is pending; RFC 3339. */
            next_at?: string | null;
            state: components["schemas"]["DeliveryState"];
            /**
             * Format: int32
             * @description What was answered last.
             */
            status?: number | null;
            type: components["schemas"]["EventKind"];
        };
        /** @description A new webhook. */
        WebhookIn: {
            description?: string;
            /** @description What it is to be told; everything when empty or absent. */
            events?: components["schemas"]["EventKind"][];
            /**
             * @description Begins with https://, on the public internet.
             * @example https://example.com/memory
             */
            url: string;
        };
        /** @description The account's webhooks. */
        WebhookList: {
            webhooks: components["schemas"]["Webhook"][];
        };
        /** @description What is to be changed; what is absent stays. */
        WebhookPatch: {
            description?: string | null;
            events?: components["schemas"]["EventKind"][] | null;
            is_active?: boolean | null;
            url?: string | null;
        };
        /** @description An address with its secret, shown this once. */
        WebhookWithSecret: components["schemas"]["Webhook"] & {
            /**
             * @description Verifies what is told, by any library of Standard Webhooks.
             * @example whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw
             */
            secret: string;
        };
    };
    responses: {
        /** @description Something of that name or text exists already */
        Conflict: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The credential lacks a scope, or its app is paused */
        Forbidden: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description A fault of ours; it is logged under the request id */
        Internal: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description A field is missing, malformed or out of range, or an Idempotency-Key came back with another body */
        InvalidArgument: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The body is not valid JSON */
        InvalidBody: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Nothing of that id is visible to the caller, or the feature is switched off */
        NotFound: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description What the plan allows is used up; see quota */
        QuotaExceeded: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Too many requests or failed sign-ins; see Retry-After */
        RateLimited: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The body or a text is larger than the limit */
        TooLarge: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description No valid credential */
        Unauthenticated: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description A dependency is down; nothing was changed; see Retry-After */
        Unavailable: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The body is not application/json */
        UnsupportedMediaType: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The version in If-Match is not the current one */
        VersionConflict: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    eraseAccount: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EraseIn"];
            };
        };
        responses: {
            /** @description The receipt */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Receipt"];
                };
            };
            400: components["responses"]["InvalidBody"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    adminSetInvoice: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                tenant_id: string;
                invoice_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["InvoiceIn"];
            };
        };
        responses: {
            /** @description The invoice */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Invoice"];
                };
            };
            400: components["responses"]["InvalidBody"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    adminSubscription: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                tenant_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description With its invoices */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccountMoney"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    adminSetSubscription: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                tenant_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["GrantIn"];
            };
        };
        responses: {
            /** @description As it stands then */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Subscription"];
                };
            };
            400: components["responses"]["InvalidBody"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    adminAudit: {
        parameters: {
            query?: {
                /** @description `next_cursor` of the part before. */
                cursor?: string;
                /** @description 1 to 100; 25 when absent. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Newest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Audit"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    adminJobs: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Counts, and what was given up */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Jobs"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    adminReviveJobs: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description How many */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Revived"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    adminOverview: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description States and counts */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Overview"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    adminUsers: {
        parameters: {
            query?: {
                /** @description `next_cursor` of the part before. */
                cursor?: string;
                /** @description 1 to 100; 25 when absent. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Newest first, with counts */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Accounts"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listApps: {
        parameters: {
            query?: {
                /** @description Part of the name, in any case. */
                name?: string;
                /** @description Only active, or only paused ones. */
                is_active?: boolean;
                /** @description `name`, `memories` or `memories_accessed`. */
                sort_by?: string;
                /** @description `asc` or `desc`. */
                sort_direction?: string;
                /** @description From 1. */
                page?: number;
                /** @description 1 to 100; 10 when absent. */
                page_size?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Part of the list */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AppPage"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getApp: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The app */
                app_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The app with its counts */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["App"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    updateApp: {
        parameters: {
            query: {
                /** @description False pauses, true resumes. */
                is_active: boolean;
            };
            header?: never;
            path: {
                /** @description The app */
                app_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AppChanged"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    appAccessed: {
        parameters: {
            query?: {
                /** @description From 1. */
                page?: number;
                /** @description 1 to 100; 10 when absent. */
                page_size?: number;
            };
            header?: never;
            path: {
                /** @description The app */
                app_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Part of what it read, most read first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AppAccessed"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    appMemories: {
        parameters: {
            query?: {
                /** @description From 1. */
                page?: number;
                /** @description 1 to 100; 10 when absent. */
                page_size?: number;
            };
            header?: never;
            path: {
                /** @description The app */
                app_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Part of what it wrote, newest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AppMemories"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            402: components["responses"]["QuotaExceeded"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    login: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EmailAndPassword"];
            };
        };
        responses: {
            /** @description Signed in */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignedInOut"];
                };
            };
            400: components["responses"]["InvalidBody"];
            401: components["responses"]["Unauthenticated"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    logout: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RefreshToken"];
            };
        };
        responses: {
            /** @description Signed out */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidBody"];
            401: components["responses"]["Unauthenticated"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    logoutEverywhere: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Signed out everywhere */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    me: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The caller */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    changePassword: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PasswordChange"];
            };
        };
        responses: {
            /** @description Changed, and signed in anew */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignedInOut"];
                };
            };
            400: components["responses"]["InvalidBody"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    refresh: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RefreshToken"];
            };
        };
        responses: {
            /** @description New tokens */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TokensOut"];
                };
            };
            400: components["responses"]["InvalidBody"];
            401: components["responses"]["Unauthenticated"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    register: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EmailAndPassword"];
            };
        };
        responses: {
            /** @description The account, signed in */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignedInOut"];
                };
            };
            400: components["responses"]["InvalidBody"];
            401: components["responses"]["Unauthenticated"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    billingCancel: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description When it ends */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Subscription"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    billingCheckout: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CheckoutIn"];
            };
        };
        responses: {
            /** @description What came of it */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Checkout"];
                };
            };
            400: components["responses"]["InvalidBody"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    billingEvent: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description `stripe` */
                provider: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            /** @description It is dealt with */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidBody"];
            401: components["responses"]["Unauthenticated"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    billingInvoices: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Newest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Invoices"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    billingPlans: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All that can be had */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlanList"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    billingPortal: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Where that is done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Place"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    billingResume: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It goes on */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Subscription"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    billingSubscription: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The plan and how it stands */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Subscription"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getContext: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ContextRequest"];
            };
        };
        responses: {
            /** @description What a model should know before it answers */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Context"];
                    "text/plain": string;
                };
            };
            400: components["responses"]["InvalidBody"];
            401: components["responses"]["Unauthenticated"];
            402: components["responses"]["QuotaExceeded"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listEndpoints: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Newest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EndpointList"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    createEndpoint: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewCredential"];
            };
        };
        responses: {
            /** @description The endpoint with its URLs, shown this once */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EndpointSecret"];
                };
            };
            400: components["responses"]["InvalidBody"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getEndpoint: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The endpoint */
                endpoint_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The endpoint, without its secret */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Credential"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    revokeEndpoint: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The endpoint */
                endpoint_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It works no more */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Message"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    renameEndpoint: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The endpoint */
                endpoint_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RenameCredential"];
            };
        };
        responses: {
            /** @description The endpoint, without its secret */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Credential"];
                };
            };
            400: components["responses"]["InvalidBody"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    rotateEndpoint: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The endpoint */
                endpoint_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["RotateIn"] | null;
            };
        };
        responses: {
            /** @description The endpoint with its new URLs, shown this once */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EndpointSecret"];
                };
            };
            400: components["responses"]["InvalidBody"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    watchEvents: {
        parameters: {
            query?: {
                /** @description Begin with so many of the latest changes, up to 100; none when absent. */
                recent?: number;
                /** @description Go on after this change: the `id` of the last event that was seen. The header `Last-Event-ID` says the same. */
                after?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Events, until one side ends it */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": components["schemas"]["LiveEvent"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    exportMemories: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description JSON lines */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listGrants: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Newest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GrantList"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    revokeGrant: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The grant */
                grant_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It works no more */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Message"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    renameGrant: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The grant */
                grant_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RenameGrant"];
            };
        };
        responses: {
            /** @description It has the new label */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Message"];
                };
            };
            400: components["responses"]["InvalidBody"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    importMemories: {
        parameters: {
            query?: {
                /** @description Of conversations, also what the assistant said. */
                assistant?: boolean;
                /** @description Only tell what would become of each memory; nothing is stored. */
                dry_run?: boolean;
                /** @description Put everything into this project, whatever the file says. */
                project_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": string;
                "application/x-ndjson": string;
                "application/zip": number[];
                "multipart/form-data": number[];
            };
        };
        responses: {
            /** @description What became of each memory */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImportOut"];
                };
            };
            400: components["responses"]["InvalidBody"];
            401: components["responses"]["Unauthenticated"];
            402: components["responses"]["QuotaExceeded"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listKeys: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Newest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeyList"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    createKey: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewCredential"];
            };
        };
        responses: {
            /** @description The key, shown this once */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeySecret"];
                };
            };
            400: components["responses"]["InvalidBody"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The key */
                key_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The key, without its secret */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Credential"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    revokeKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The key */
                key_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It works no more */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Message"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    renameKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The key */
                key_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RenameCredential"];
            };
        };
        responses: {
            /** @description The key, without its secret */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Credential"];
                };
            };
            400: components["responses"]["InvalidBody"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    rotateKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The key */
                key_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["RotateIn"] | null;
            };
        };
        responses: {
            /** @description The new key, shown this once */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeySecret"];
                };
            };
            400: components["responses"]["InvalidBody"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    learningAnalytics: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The project */
                project_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Memories by kind, feedback by kind, and the trend of thirty days */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnalyticsOut"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listFading: {
        parameters: {
            query?: {
                /** @description 1 to 100; 20 when absent. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What has lost most strength first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FadingList"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    giveFeedback: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Feedback"];
            };
        };
        responses: {
            /** @description The memory's strength before and after */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Learned"];
                };
            };
            400: components["responses"]["InvalidBody"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    takeFeedbackBack: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The feedback */
                event_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The entry that takes it back */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LearningEvent"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getPolicy: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What the last replay found */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PolicyOut"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    learnPolicy: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What the replay found */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PolicyOut"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listMemories: {
        parameters: {
            query?: {
                /** @description Written by this app. */
                app_id?: string;
                /** @description In this project. */
                project_id?: string;
                /** @description Happened (or was added) at or after: RFC 3339, a date, month or year (its beginning, UTC), or seconds since 1970. */
                from_date?: string;
                /** @description Happened (or was added) at or before; a date, month or year is included to its end. */
                to_date?: string;
                /** @description With one of these tags, separated by commas. */
                categories?: string;
                /** @description The same as `categories`. For a tag that has a comma itself, there is `tag`. */
                tags?: string;
                /** @description Of one of these kinds, separated by commas. */
                memory_type?: string;
                /** @description In one of these states, separated by commas; active only when absent. `deleted` lists what can still be restored. */
                state?: string;
                /** @description Of this conversation. */
                session_id?: string;
                /** @description What was known and held at this time (of a date: at its end), superseded memories included. */
                as_of?: string;
                /** @description Also memories that have expired. */
                show_expired?: boolean;
                /** @description Part of the text, in any case. */
                search_query?: string;
                /** @description `created_at` (the default), `occurred_at` (or added, where that is not known), `updated_at`, `memory` or `app_name`. */
                sort_column?: string;
                /** @description `asc` or `desc`; newest first and from A to Z when absent. */
                sort_direction?: string;
                /** @description From 1. */
                page?: number;
                /** @description Entries per page, 1 to 200. */
                size?: number;
                /** @description `next_cursor` of the part before, in whose order it goes on. Switches to paging by cursor. */
                cursor?: string;
                /** @description Entries per part when paging by cursor, 1 to 200. Switches to paging by cursor. */
                limit?: number;
                /** @description With this tag, letter by letter; may be repeated */
                tag?: string[];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Part of the list */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MemoryPage"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            402: components["responses"]["QuotaExceeded"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    createMemory: {
        parameters: {
            query?: {
                /**
                 * @description Also wait for the embedding, which otherwise follows in the background where the model is far; until then a
                 *     memory is found by its words.
                 */
                wait?: boolean;
            };
            header?: {
                /** @description Sending the same key and body again stores nothing and answers the same */
                "Idempotency-Key"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MemoryIn"];
            };
        };
        responses: {
            /** @description The memory as stored; an operation where facts were taken */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedOut"];
                };
            };
            /** @description Facts are being taken; the address is in `Location` */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Operation"];
                };
            };
            400: components["responses"]["InvalidBody"];
            401: components["responses"]["Unauthenticated"];
            402: components["responses"]["QuotaExceeded"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    deleteMemories: {
        parameters: {
            query?: {
                /**
                 * @description Erase at once, with history, vectors, links and access log, instead of keeping it for a restore; also what was deleted
                 *     before.
                 */
                permanent?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MemoryDeletion"];
            };
        };
        responses: {
            /** @description What is gone */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeletedOut"];
                };
            };
            400: components["responses"]["InvalidBody"];
            401: components["responses"]["Unauthenticated"];
            402: components["responses"]["QuotaExceeded"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    archiveMemories: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MemoryIds"];
            };
        };
        responses: {
            /** @description What is archived now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MovedOut"];
                };
            };
            400: components["responses"]["InvalidBody"];
            401: components["responses"]["Unauthenticated"];
            402: components["responses"]["QuotaExceeded"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    keepMemories: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MemoryIds"];
            };
        };
        responses: {
            /** @description What is kept now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RestoredOut"];
                };
            };
            400: components["responses"]["InvalidBody"];
            401: components["responses"]["Unauthenticated"];
            402: components["responses"]["QuotaExceeded"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    pauseMemories: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MemoryPause"];
            };
        };
        responses: {
            /** @description What is in the new state now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MovedOut"];
                };
            };
            400: components["responses"]["InvalidBody"];
            401: components["responses"]["Unauthenticated"];
            402: components["responses"]["QuotaExceeded"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    restoreMemories: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MemoryIds"];
            };
        };
        responses: {
            /** @description What came back */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RestoredOut"];
                };
            };
            400: components["responses"]["InvalidBody"];
            401: components["responses"]["Unauthenticated"];
            402: components["responses"]["QuotaExceeded"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    addMemories: {
        parameters: {
            query?: {
                /**
                 * @description Also wait for the embedding, which otherwise follows in the background where the model is far; until then a
                 *     memory is found by its words.
                 */
                wait?: boolean;
            };
            header?: {
                /** @description Sending the same key and body again stores nothing and answers the same */
                "Idempotency-Key"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BatchIn"];
            };
        };
        responses: {
            /** @description One answer per memory */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BatchOut"];
                };
            };
            400: components["responses"]["InvalidBody"];
            401: components["responses"]["Unauthenticated"];
            402: components["responses"]["QuotaExceeded"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listCategories: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Every tag with its number of memories */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Categories"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            402: components["responses"]["QuotaExceeded"];
            403: components["responses"]["Forbidden"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    filterMemories: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MemoryFilter"];
            };
        };
        responses: {
            /** @description Part of the list */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MemoryPage"];
                };
            };
            400: components["responses"]["InvalidBody"];
            401: components["responses"]["Unauthenticated"];
            402: components["responses"]["QuotaExceeded"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    searchMemories: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MemorySearch"];
            };
        };
        responses: {
            /** @description What answers the question, best first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SearchOut"];
                };
            };
            400: components["responses"]["InvalidBody"];
            401: components["responses"]["Unauthenticated"];
            402: components["responses"]["QuotaExceeded"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getMemory: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The memory */
                memory_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The memory; its version is in the ETag */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Memory"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            402: components["responses"]["QuotaExceeded"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    updateMemory: {
        parameters: {
            query?: never;
            header?: {
                /** @description ETag of the version to change */
                "If-Match"?: string | null;
            };
            path: {
                /** @description The memory */
                memory_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MemoryChange"];
            };
        };
        responses: {
            /** @description The memory as it is now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Memory"];
                };
            };
            400: components["responses"]["InvalidBody"];
            401: components["responses"]["Unauthenticated"];
            402: components["responses"]["QuotaExceeded"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["VersionConflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    deleteMemory: {
        parameters: {
            query?: {
                /**
                 * @description Erase at once, with history, vectors, links and access log, instead of keeping it for a restore; also what was deleted
                 *     before.
                 */
                permanent?: boolean;
            };
            header?: never;
            path: {
                /** @description The memory */
                memory_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeletedOut"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            402: components["responses"]["QuotaExceeded"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    memoryAccessLog: {
        parameters: {
            query?: {
                /** @description From 1. */
                page?: number;
                /** @description 1 to 100; 10 when absent. */
                page_size?: number;
            };
            header?: never;
            path: {
                /** @description The memory */
                memory_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Who read it, latest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccessLog"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            402: components["responses"]["QuotaExceeded"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    alikeMemories: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The memory */
                memory_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Newest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlikeOut"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            402: components["responses"]["QuotaExceeded"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    memoryFeedback: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The memory */
                memory_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Every entry, oldest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FeedbackList"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            402: components["responses"]["QuotaExceeded"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    memoryHistory: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The memory */
                memory_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Its steps, oldest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["History"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            402: components["responses"]["QuotaExceeded"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    keepMemory: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The memory */
                memory_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The memory as it is now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Memory"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            402: components["responses"]["QuotaExceeded"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    linkMemories: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The memory */
                memory_id: string;
                /** @description The other memory */
                other_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description They are linked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LinkOut"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            402: components["responses"]["QuotaExceeded"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    unlinkMemories: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The memory */
                memory_id: string;
                /** @description The other memory */
                other_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description They are linked no more */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LinkOut"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            402: components["responses"]["QuotaExceeded"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    relatedMemories: {
        parameters: {
            query?: {
                /** @description 1 to 50; 5 when absent. */
                limit?: number;
            };
            header?: never;
            path: {
                /** @description The memory */
                memory_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Linked ones first, then most alike first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Related"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            402: components["responses"]["QuotaExceeded"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    restoreMemory: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The memory */
                memory_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The memory as it is now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Memory"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            402: components["responses"]["QuotaExceeded"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    undoMemory: {
        parameters: {
            query?: never;
            header?: {
                /** @description ETag of the version to undo */
                "If-Match"?: string | null;
            };
            path: {
                /** @description The memory */
                memory_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["MemoryUndo"] | null;
            };
        };
        responses: {
            /** @description The memory as it is now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Memory"];
                };
            };
            400: components["responses"]["InvalidBody"];
            401: components["responses"]["Unauthenticated"];
            402: components["responses"]["QuotaExceeded"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["VersionConflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getOAuthRequest: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The request, or the code of a device */
                request_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What is asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OAuthRequest"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    decideOAuthRequest: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The request, or the code of a device */
                request_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Decide"];
            };
        };
        responses: {
            /** @description Where to go next */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Decided"];
                };
            };
            400: components["responses"]["InvalidBody"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getOperation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The operation */
                operation_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description How far it is; kept for two days after its end */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Operation"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listProjects: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The default one first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProjectList"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    createProject: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProjectName"];
            };
        };
        responses: {
            /** @description The new project */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Project"];
                };
            };
            400: components["responses"]["InvalidBody"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getProject: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The project */
                project_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The project */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Project"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    renameProject: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The project */
                project_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProjectName"];
            };
        };
        responses: {
            /** @description The project as it is now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Project"];
                };
            };
            400: components["responses"]["InvalidBody"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    deleteProject: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The project */
                project_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Message"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listReviews: {
        parameters: {
            query?: {
                /** @description `held`, `inferred`, `flagged`, `alike` or `contradicts`; all when absent. */
                kind?: string;
                /** @description Where the part before this one ended. */
                cursor?: string;
                /** @description 1 to 200; 50 when absent. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Part of the queue */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReviewOut"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    decideReview: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The memory */
                memory_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReviewDecision"];
            };
        };
        responses: {
            /** @description The memory as it is now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Memory"];
                };
            };
            400: components["responses"]["InvalidBody"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    undoReview: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The memory */
                memory_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The memory as it is now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Memory"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getSettings: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What the account has chosen */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Settings"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    changeSettings: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Settings"];
            };
        };
        responses: {
            /** @description The settings as they are now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Settings"];
                };
            };
            400: components["responses"]["InvalidBody"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getStats: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Totals and apps */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Stats"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getActivity: {
        parameters: {
            query?: {
                /** @description 1 to 366; 30 when absent. The last one is today. */
                days?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description By day, operation and app */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ActivityOut"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getEmbeddingProgress: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Models and counts */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EmbeddingProgress"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getGateCounts: {
        parameters: {
            query?: {
                /** @description Of so many days, today included; 30 when absent. */
                days?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Counts by decision */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GateCounts"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    undoWrites: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UndoWrites"];
            };
        };
        responses: {
            /** @description What was taken back, and what was not */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UndoneOut"];
                };
            };
            400: components["responses"]["InvalidBody"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    usage: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description This month, against what the plan allows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsageReport"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    usageEvents: {
        parameters: {
            query?: {
                /** @description `adds` or `llm_tokens`; all when absent. */
                meter?: string;
                /** @description `next_cursor` of the part before. */
                cursor?: string;
                /** @description 1 to 100; 50 when absent. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Newest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsageEvents"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    usageStatement: {
        parameters: {
            query?: {
                /** @description As `2026-11`, in UTC; the running month when absent. */
                month?: string;
                /** @description `json` (when absent) or `csv`. */
                format?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Line by line */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Statement"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listWebhooks: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Oldest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookList"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    createWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WebhookIn"];
            };
        };
        responses: {
            /** @description With its secret, shown this once */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookWithSecret"];
                };
            };
            400: components["responses"]["InvalidBody"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    deleteWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                webhook_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is told nothing more */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Message"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    changeWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                webhook_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WebhookPatch"];
            };
        };
        responses: {
            /** @description As it is then */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Webhook"];
                };
            };
            400: components["responses"]["InvalidBody"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    webhookDeliveries: {
        parameters: {
            query?: {
                /** @description `next_cursor` of the part before. */
                cursor?: string;
                /** @description 1 to 100; 50 when absent. */
                limit?: number;
            };
            header?: never;
            path: {
                webhook_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Newest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookDeliveries"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    pingWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                webhook_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is told in a moment */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Message"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    redeliverWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                webhook_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RedeliverIn"];
            };
        };
        responses: {
            /** @description How much */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Redelivered"];
                };
            };
            400: components["responses"]["InvalidBody"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    rotateWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                webhook_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description With its secret, shown this once */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookWithSecret"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["InvalidArgument"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    health: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It can serve, perhaps degraded */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            /** @description It cannot serve now */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
        };
    };
    healthLive: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
        };
    };
    healthReady: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It can serve, perhaps degraded */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            /** @description It cannot serve now */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
        };
    };
    metrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            404: components["responses"]["NotFound"];
        };
    };
}
