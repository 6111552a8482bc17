<?php

namespace App\Console\Commands;

use App\Models\Call;
use App\Models\Customer;
use App\Models\Service;
use App\Models\User;
use Illuminate\Console\Command;
use Illuminate\Support\Facades\Hash;

final class Seed extends Command
{
    protected $signature = 'gateway:seed';

    protected $description = 'Make sure that two tenants exist, each with a user, a customer, a service and calls of last year; nothing else is touched';

    public function handle(): void
    {
        foreach (config('gateway.seeds') as $tenant => $login) {
            $user = User::firstOrNew(['email' => $login['email']]);
            $user->fill(['tenant_id' => $tenant, 'name' => "Tenant $tenant"]);
            if (! Hash::check($login['password'], (string) $user->password)) {
                $user->password = Hash::make($login['password']);
            }
            $user->save();
            $customer = Customer::updateOrCreate(
                ['tenant_id' => $tenant, 'email' => "customer$tenant@gateway.test"],
                ['name' => "Customer of tenant $tenant", 'phone' => "+4930000000$tenant"],
            );
            $service = Service::updateOrCreate(
                ['calcom_event_type_id' => 2000 + $tenant],
                ['tenant_id' => $tenant, 'name' => 'Consultation', 'duration_minutes' => 30],
            );
            foreach (range(1, 3) as $day) {
                Call::firstOrCreate(
                    ['retell_call_id' => "call_of_last_year_$tenant$day"],
                    ['agent_id' => 'agent_gateway', 'status' => 'ended', 'started_at' => "2025-06-0$day 09:00:00", 'ended_at' => "2025-06-0$day 09:03:00"],
                );
            }
            $this->line("tenant $tenant: user {$user->id}, customer {$customer->id}, service {$service->id}");
        }
    }
}
